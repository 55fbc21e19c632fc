//! How far a value can be trusted. Quality is kept apart from state: a bad value never raises and never clears an alarm.

/// The quality of a signal or part, from best to worst.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Quality {
    /// Heard in time, in range, and the source says it is good.
    Good = 0,
    /// Doubtful: retained and not yet confirmed, samples lost, or an input that is doubtful.
    Uncertain = 1,
    /// Older than its `stale_after`, or its source is disconnected.
    Stale = 2,
    /// The sensor says so, or the value is impossible or could not be read.
    Bad = 3,
    /// Never heard.
    #[default]
    NoData = 4,
}

impl Quality {
    /// One or two words, as records and messages have them.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Uncertain => "uncertain",
            Self::Stale => "stale",
            Self::Bad => "bad",
            Self::NoData => "no data",
        }
    }
}

/// Why a quality is not good. Each has one sentence for the person who reads it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum QualityReason {
    /// Nothing to explain.
    #[default]
    None,
    /// No message has arrived yet.
    NeverHeard,
    /// The part has no signal of its own.
    NotMeasured,
    /// The message was retained by the broker and may be old.
    Retained,
    /// Samples of this source were dropped and the signal was not heard since.
    Lost,
    /// No sample within `stale_after`.
    TooOld,
    /// The source is disconnected.
    Disconnected,
    /// The quality field of the payload says uncertain.
    SourceUncertain,
    /// The quality field of the payload says bad.
    SourceBad,
    /// Outside the signal's `range`.
    OutOfRange,
    /// Not a number, infinite, or not what the signal expects.
    WrongType,
    /// The payload could not be read (not UTF-8, not JSON, too deep, too large, empty).
    Unreadable,
    /// The pointer is not in the payload.
    Missing,
    /// The source time is more than a day ahead of the receiver.
    FutureTime,
    /// The source time is not in the payload, or is no time.
    NoTime,
    /// An input of the expression is not good, or the expression failed.
    Input,
}

impl QualityReason {
    /// One sentence for the inspector.
    #[must_use]
    pub const fn sentence(self) -> &'static str {
        match self {
            Self::None => "heard in time and in range",
            Self::NeverHeard => "no message has arrived yet",
            Self::NotMeasured => "nothing measures this part",
            Self::Retained => "retained by the broker; may be old until a live sample arrives",
            Self::Lost => "samples of this source were dropped; not heard since",
            Self::TooOld => "no sample within its stale_after",
            Self::Disconnected => "its source is disconnected",
            Self::SourceUncertain => "the device says the value is uncertain",
            Self::SourceBad => "the device says the value is bad",
            Self::OutOfRange => "outside the range of the sensor",
            Self::WrongType => "the payload holds something other than the expected value",
            Self::Unreadable => "the payload could not be read",
            Self::Missing => "the payload does not hold this signal",
            Self::FutureTime => "its time is more than a day in the future",
            Self::NoTime => "its time is missing or could not be read; the time of receipt stands in",
            Self::Input => "an input of its expression is not good",
        }
    }
}

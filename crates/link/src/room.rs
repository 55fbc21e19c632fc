//! A room: two or more viewers on one broker, who see what each other sees. `docs/rooms.md` has the protocol.
//!
//! ```text
//! app ──> mine (own state, what is not told yet) ──> envelope (sign, seal) ──> MQTT
//! app <── picture <── others (new, live, allowed?) <── envelope (open, verify) <── MQTT
//! ```
//!
//! A room has a connection and a thread of its own, with the address, login and certificates of the site's source: it can
//! be lost, flooded or slow without telemetry noticing. Both ends are bounded without a queue: of what this viewer shows
//! only the newest is kept, and of what it sees there is one [`Picture`].
//!
//! It is not a way into the twin: nothing here touches its state, and a room carries no commands.

mod codec;
mod envelope;
mod keys;
mod mine;
mod others;
mod run;
#[cfg(test)]
mod tests;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use ring::rand::{SecureRandom as _, SystemRandom};
use twinscope_twin::room::{
    COLOURS, Connection, Line, NAME_CHARS, PartName, Picture, Pointer, Pose, Refused, Role, ViewerId, clean,
};

pub use keys::{KeyError, PASSPHRASE_CHARS, RoomKeys, Secret, room_name};
pub use mine::SayError;

use crate::clock::Clock;
use crate::settings::Settings;
use crate::sink::{self, Limits, Sink};
use mine::Mine;

/// Where the broker of a room is, and how it is reached; or why there is none, in words.
pub type Broker = Box<dyn FnOnce() -> Result<Settings, String> + Send>;

/// Who joins which room.
#[derive(Clone, Debug)]
pub struct Door {
    /// Id of the site.
    pub site: String,
    /// Name of the room.
    pub room: String,
    /// Passphrase or invitation.
    pub secret: Secret,
    /// Name of the person.
    pub name: String,
    /// Joins as a guest also with the passphrase: a viewer that may write nothing shows nothing.
    pub read_only: bool,
}

/// Why a room could not be joined.
#[derive(Debug, thiserror::Error)]
pub enum JoinError {
    /// The name of the room is none.
    #[error(transparent)]
    Key(#[from] KeyError),
    /// The person has no name.
    #[error("the others want to know who is here: give a name of 1 to {NAME_CHARS} characters")]
    Name,
    /// The system gives no thread or no random numbers.
    #[error("the room could not be opened: {0}; the system is out of threads, memory or random numbers")]
    System(String),
}

/// What the thread and the handle share.
struct Shared {
    mine: Mutex<Mine>,
    /// Lines of this person that the conversation does not show yet.
    said: Mutex<Vec<Arc<Line>>>,
    picture: Mutex<Arc<Picture>>,
    /// Something of `mine` or `said` is new to the thread.
    dirty: AtomicBool,
    stop: AtomicBool,
    wake: Box<dyn Fn() + Send + Sync>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn show(&self, picture: Picture) {
        *lock(&self.picture) = Arc::new(picture);
        (self.wake)();
    }
}

/// A room that this viewer is in. Dropping it says goodbye, which may take two seconds.
pub struct Room {
    shared: Arc<Shared>,
    sink: Sink,
    thread: Option<JoinHandle<()>>,
}

impl Room {
    /// Joins. Returns at once: on a thread of its own `broker` says where the broker is (certificates may have to be read
    /// for that), the keys are worked out and the broker is reached. `wake` is called after each new picture, from that
    /// thread: it must be quick.
    ///
    /// # Errors
    /// The room or the person has no name, or the system gives no thread.
    pub fn join(broker: Broker, door: Door, wake: Box<dyn Fn() + Send + Sync>) -> Result<Self, JoinError> {
        let room = room_name(&door.room)?;
        let name = clean(&door.name, NAME_CHARS);
        if name.is_empty() {
            return Err(JoinError::Name);
        }
        let mut random = [0; ViewerId::LENGTH];
        SystemRandom::new()
            .fill(&mut random)
            .map_err(|_| JoinError::System("the system gives no random numbers".to_owned()))?;
        let me = ViewerId::from_random(random);
        let role = if door.read_only { Role::Guest } else { door.secret.role() };
        // Any to begin with: who has the same as somebody else takes another.
        let colour = me.as_str().bytes().fold(0_u8, u8::wrapping_add) % COLOURS;
        let picture = Picture {
            room,
            me,
            name: name.clone(),
            colour,
            role,
            connection: Connection::Opening,
            peers: Vec::new(),
            lines: Vec::new(),
            strokes: Vec::new(),
            elsewhere: 0,
            invitation: None,
            trouble: None,
            refused: Refused::default(),
        };
        let shared = Arc::new(Shared {
            mine: Mutex::new(Mine::new(me, name, role, colour)),
            said: Mutex::default(),
            picture: Mutex::new(Arc::new(picture)),
            dirty: AtomicBool::new(false),
            stop: AtomicBool::new(false),
            wake,
        });
        let (sink, receiver) = sink::channel(Limits { batches: 64, bytes: 1 << 20, commands: 0 });
        let thread = std::thread::Builder::new().name("room".to_owned()).spawn({
            let (shared, sink) = (Arc::clone(&shared), sink.clone());
            move || run::supervise(broker, &door, &shared, &sink, &receiver)
        });
        let thread = thread.map_err(|error| JoinError::System(error.to_string()))?;
        Ok(Self { shared, sink, thread: Some(thread) })
    }

    /// The room as it is known now.
    #[must_use]
    pub fn picture(&self) -> Arc<Picture> {
        Arc::clone(&lock(&self.shared.picture))
    }

    /// Shows where this person looks from. What is told is the newest, at most four times a second.
    ///
    /// # Errors
    /// Guests show nothing.
    pub fn look(&self, pose: Pose) -> Result<(), SayError> {
        self.mine(|mine| mine.look(pose))
    }

    /// Shows what this person has selected.
    ///
    /// # Errors
    /// Guests show nothing; or it is too much.
    pub fn select(&self, parts: Vec<PartName>) -> Result<(), SayError> {
        self.mine(|mine| mine.select(parts))
    }

    /// Shows what this person points at.
    ///
    /// # Errors
    /// Guests show nothing.
    pub fn point(&self, pointer: Option<Pointer>) -> Result<(), SayError> {
        self.mine(|mine| mine.point(pointer))
    }

    /// Shows whom this person follows; guests too.
    pub fn follow(&self, viewer: Option<ViewerId>) {
        self.mine(|mine| mine.follow(viewer));
    }

    /// Shows what else this person's view is like: a state that views write and read.
    ///
    /// # Errors
    /// Guests show nothing; or it is too large.
    pub fn inspect(&self, state: Vec<u8>) -> Result<(), SayError> {
        self.mine(|mine| mine.inspect(state))
    }

    /// Begins to draw on a part, at a place in the frame of its node.
    ///
    /// # Errors
    /// Guests draw nothing.
    pub fn begin_stroke(&self, part: PartName, point: [f32; 3]) -> Result<(), SayError> {
        self.mine(|mine| mine.begin(part, point))
    }

    /// Goes on drawing. `false`: the stroke is as long as strokes can be, and has ended.
    pub fn draw(&self, point: [f32; 3]) -> bool {
        self.mine(|mine| mine.go_on(point))
    }

    /// Ends the stroke.
    pub fn end_stroke(&self) {
        self.mine(Mine::finish);
    }

    /// Takes away what this person has drawn, for everybody.
    pub fn clear_strokes(&self) {
        self.mine(Mine::clear);
    }

    /// Says something to everybody in the room.
    ///
    /// # Errors
    /// Guests say nothing; it is empty or too long; or too many lines wait.
    pub fn say(&self, text: &str) -> Result<(), SayError> {
        let line = self.mine(|mine| mine.say(text, Clock::new().now()))?;
        lock(&self.shared.said).push(line);
        self.nudge();
        Ok(())
    }

    /// Leaves without waiting for it: the goodbye is said by the thread, which ends by itself.
    pub fn leave(mut self) {
        self.ask_to_stop();
        self.thread = None;
    }

    fn mine<T>(&self, change: impl FnOnce(&mut Mine) -> T) -> T {
        let out = change(&mut lock(&self.shared.mine));
        self.nudge();
        out
    }

    /// The thread looks up once, however much there is to look at.
    fn nudge(&self) {
        if !self.shared.dirty.swap(true, Ordering::AcqRel) {
            self.sink.nudge();
        }
    }

    fn ask_to_stop(&self) {
        self.shared.stop.store(true, Ordering::Release);
        self.sink.nudge();
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.ask_to_stop();
        if let Some(thread) = self.thread.take() {
            // A panic in it was caught and told.
            let _ = thread.join();
        }
    }
}

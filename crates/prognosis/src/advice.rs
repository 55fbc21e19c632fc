//! Advice: from samples of remaining life to actions that are ranked by what they are expected to cost (ISO 13374's
//! last block).
//!
//! [`actions`] says what can be done about a model; the model predicts the life under the [`Setting`] of each; and
//! [`advise`] turns the samples into [`Card`]s with [`Economics`] and the [`Calendar`] of possible work. Samples of two
//! actions belong together by place, so that a difference between them is no noise.
//!
//! What a choice costs over the horizon is the sum of what is done, the failures before that, what is not produced, and
//! what the part that comes after it will cost in what is left of the horizon. The date of a replacement
//! is the one with the lowest expected cost: age replacement (Barlow, Hunter 1960, Optimum preventive maintenance
//! policies, Operations Research 8(1), policy I), with samples in the place of a distribution, and over a finite
//! horizon.
//!
//! Pure and deterministic. Samples may be anything; what cannot be used gives no card.
//!
//! [`Setting`]: crate::living::Setting

mod action;
mod against;
mod calendar;
mod card;
mod case;
mod economics;
mod figures;
mod inputs;
mod ranking;
mod renewal;
mod sensitivity;
#[cfg(test)]
mod tests;
mod words;

pub use action::{Action, Kind, actions};
pub use against::{Against, against, hours};
pub use calendar::{Calendar, Date};
pub use card::{Advice, Card, Cost, Part, Waiting};
pub use economics::{Economics, EconomicsError, Input};
pub use ranking::{Choice, advise, wait_a_week};

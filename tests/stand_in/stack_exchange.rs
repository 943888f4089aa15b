//! The Stack Exchange API 2.3 and its web socket, over posts that people wrote, posts that are made up, or posts that a
//! test adds by hand.

// Each test needs its own part of it.
#![allow(dead_code, unused_imports)]

#[path = "stack_exchange/asked.rs"]
mod asked;
#[path = "stack_exchange/directions.rs"]
mod directions;
#[path = "stack_exchange/dump.rs"]
mod dump;
#[path = "stack_exchange/fields.rs"]
mod fields;
#[path = "stack_exchange/limits.rs"]
mod limits;
#[path = "stack_exchange/made_up.rs"]
mod made_up;
#[path = "stack_exchange/methods.rs"]
mod methods;
#[path = "stack_exchange/network.rs"]
mod network;
#[path = "stack_exchange/people.rs"]
mod people;
#[path = "stack_exchange/refused.rs"]
mod refused;
// A program with both stand-ins has it twice.
#[allow(clippy::duplicate_mod)]
#[path = "request.rs"]
mod request;
#[path = "stack_exchange/server.rs"]
mod server;
#[path = "stack_exchange/shelf.rs"]
mod shelf;
#[path = "stack_exchange/site.rs"]
mod site;
#[path = "stack_exchange/socket.rs"]
mod socket;

pub use limits::Limits;
pub use network::{Answer, Fault, Network};
pub use people::Who;
pub use refused::Refused;
pub use server::{Shared, StackExchange};
pub use shelf::Object;
pub use site::{NewPost, Ping, Site};

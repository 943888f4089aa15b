//! The chat of Stack Exchange: log-in pages, rooms, messages, web sockets, and all that can go wrong with them.

// Each test needs its own part of it.
#![allow(dead_code, unused_imports)]

#[path = "stack_exchange_chat/accounts.rs"]
mod accounts;
#[path = "stack_exchange_chat/answer.rs"]
mod answer;
#[path = "stack_exchange_chat/asked.rs"]
mod asked;
#[path = "stack_exchange_chat/chat.rs"]
mod chat;
#[path = "stack_exchange_chat/control.rs"]
mod control;
#[path = "stack_exchange_chat/events.rs"]
mod events;
#[path = "stack_exchange_chat/faults.rs"]
mod faults;
#[path = "stack_exchange_chat/frames.rs"]
mod frames;
#[path = "stack_exchange_chat/handle.rs"]
mod handle;
#[path = "stack_exchange_chat/history.rs"]
mod history;
#[path = "stack_exchange_chat/join.rs"]
mod join;
#[path = "stack_exchange_chat/links.rs"]
mod links;
#[path = "stack_exchange_chat/listen.rs"]
mod listen;
#[path = "stack_exchange_chat/login.rs"]
mod login;
#[path = "stack_exchange_chat/logins.rs"]
mod logins;
#[path = "stack_exchange_chat/markup.rs"]
mod markup;
#[path = "stack_exchange_chat/mentions.rs"]
mod mentions;
#[path = "stack_exchange_chat/messages.rs"]
mod messages;
#[path = "stack_exchange_chat/moderation.rs"]
mod moderation;
#[path = "stack_exchange_chat/moves.rs"]
mod moves;
#[path = "stack_exchange_chat/onebox.rs"]
mod onebox;
#[path = "stack_exchange_chat/pages.rs"]
mod pages;
#[path = "stack_exchange_chat/people.rs"]
mod people;
#[path = "stack_exchange_chat/presence.rs"]
mod presence;
#[path = "stack_exchange_chat/reading.rs"]
mod reading;
#[path = "stack_exchange_chat/refused.rs"]
mod refused;
// A program with both stand-ins has it twice.
#[allow(clippy::duplicate_mod)]
#[path = "request.rs"]
mod request;
#[path = "stack_exchange_chat/rooms.rs"]
mod rooms;
#[path = "stack_exchange_chat/routes.rs"]
mod routes;
#[path = "stack_exchange_chat/server.rs"]
mod server;
#[path = "stack_exchange_chat/socket.rs"]
mod socket;
#[path = "stack_exchange_chat/stars.rs"]
mod stars;
#[path = "stack_exchange_chat/talk.rs"]
mod talk;
#[path = "stack_exchange_chat/throttle.rs"]
mod throttle;
#[path = "stack_exchange_chat/transcript.rs"]
mod transcript;

pub use chat::{Chat, Replies, Rules};
pub use faults::{Fault, Faults, Frames, How};
pub use handle::MessageView;
pub use messages::{Message, Posted};
pub use refused::Refused;
pub use rooms::{Access, Kind, Room};
pub use server::{HOSTS, Held, RequestLog, Settings, StackExchangeChat};
pub use socket::{Drop, Order};
pub use throttle::Pace;

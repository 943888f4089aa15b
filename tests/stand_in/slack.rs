//! Slack: the Web API, Socket Mode, delivery by HTTP, and all that can go wrong with them.

// Each test needs its own part of it.
#![allow(dead_code, unused_imports)]

#[path = "slack/answer.rs"]
mod answer;
#[path = "slack/api.rs"]
mod api;
#[path = "slack/api_channels.rs"]
mod api_channels;
#[path = "slack/api_chat.rs"]
mod api_chat;
#[path = "slack/api_conversations.rs"]
mod api_conversations;
#[path = "slack/api_files.rs"]
mod api_files;
#[path = "slack/api_people.rs"]
mod api_people;
#[path = "slack/api_scheduled.rs"]
mod api_scheduled;
#[path = "slack/api_views.rs"]
mod api_views;
#[path = "slack/apps.rs"]
mod apps;
#[path = "slack/asked.rs"]
mod asked;
#[path = "slack/blocks.rs"]
mod blocks;
#[path = "slack/channels.rs"]
mod channels;
#[path = "slack/clicks.rs"]
mod clicks;
#[path = "slack/content.rs"]
mod content;
#[path = "slack/control.rs"]
mod control;
#[path = "slack/delivery.rs"]
mod delivery;
#[path = "slack/elements.rs"]
mod elements;
#[path = "slack/endings.rs"]
mod endings;
#[path = "slack/events.rs"]
mod events;
#[path = "slack/faults.rs"]
mod faults;
#[path = "slack/files.rs"]
mod files;
#[path = "slack/founding.rs"]
mod founding;
#[path = "slack/hooks.rs"]
mod hooks;
#[path = "slack/limits.rs"]
mod limits;
#[path = "slack/listen.rs"]
mod listen;
#[path = "slack/messages.rs"]
mod messages;
#[path = "slack/methods.rs"]
mod methods;
#[path = "slack/modals.rs"]
mod modals;
#[path = "slack/outward.rs"]
mod outward;
#[path = "slack/overdue.rs"]
mod overdue;
#[path = "slack/page.rs"]
mod page;
#[path = "slack/pages.rs"]
mod pages;
#[path = "slack/people.rs"]
mod people;
#[path = "slack/persons.rs"]
mod persons;
#[path = "slack/refused.rs"]
mod refused;
// A program with several stand-ins has it several times.
#[allow(clippy::duplicate_mod)]
#[path = "request.rs"]
mod request;
#[path = "slack/routes.rs"]
mod routes;
#[path = "slack/server.rs"]
mod server;
#[path = "slack/shown.rs"]
mod shown;
#[path = "slack/sight.rs"]
mod sight;
#[path = "slack/signature.rs"]
mod signature;
#[path = "slack/socket.rs"]
mod socket;
#[path = "slack/state.rs"]
mod state;
#[path = "slack/typed.rs"]
mod typed;
#[path = "slack/unfurls.rs"]
mod unfurls;
#[path = "slack/values.rs"]
mod values;
#[path = "slack/views.rs"]
mod views;
#[path = "slack/webhooks.rs"]
mod webhooks;
#[path = "slack/wish.rs"]
mod wish;
#[path = "slack/wish_faults.rs"]
mod wish_faults;
#[path = "slack/wish_people.rs"]
mod wish_people;
#[path = "slack/wish_places.rs"]
mod wish_places;
#[path = "slack/wish_raw.rs"]
mod wish_raw;
#[path = "slack/world.rs"]
mod world;

pub use apps::{Hears, SCOPES};
pub use channels::Kind;
pub use delivery::{Delivery, Envelope, Stage};
pub use faults::{Fault, How, Wire};
pub use limits::Rates;
pub use messages::Message;
pub use people::Standing;
pub use request::Request;
pub use server::{Settings, SlackServer};
pub use signature::sign;
pub use socket::Order;
pub use state::{Rules, Slack};
pub use world::RequestLog;

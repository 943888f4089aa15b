//! The stand-in for the chat of Stack Exchange, over real sockets and with a stopped clock.

#[path = "stand_in_chat/broken.rs"]
mod broken;
#[path = "stand_in_chat/browser.rs"]
mod browser;
#[path = "stand_in_chat/clients.rs"]
mod clients;
#[path = "stand_in_chat/hosts.rs"]
mod hosts;
#[path = "stand_in_chat/markup.rs"]
mod markup;
#[path = "stand_in_chat/others.rs"]
mod others;
#[path = "stand_in_chat/owners.rs"]
mod owners;
#[path = "stand_in_chat/pages.rs"]
mod pages;
#[path = "stand_in_chat/past.rs"]
mod past;
#[path = "stand_in_chat/refusals.rs"]
mod refusals;
#[path = "stand_in_chat/rooms.rs"]
mod rooms;
#[path = "stand_in/stack_exchange_chat.rs"]
mod stack_exchange_chat;
#[path = "stand_in_chat/talking.rs"]
mod talking;
#[path = "stand_in_chat/town.rs"]
mod town;
#[path = "stand_in_chat/wrong.rs"]
mod wrong;

//! The client of Stack Exchange chat over real sockets, against a stand-in on this machine.

#[path = "stand_in/stack_exchange_chat.rs"]
mod stand_in;

#[path = "stack_exchange_chat/hearing.rs"]
mod hearing;
#[path = "stack_exchange_chat/login.rs"]
mod login;
#[path = "stack_exchange_chat/resume.rs"]
mod resume;
#[path = "stack_exchange_chat/scene.rs"]
mod scene;

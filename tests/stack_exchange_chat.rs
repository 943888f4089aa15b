//! The client of Stack Exchange chat over real sockets, against a stand-in on this machine.

#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in/sockets.rs"]
mod sockets;
#[path = "stand_in/stack_exchange_chat.rs"]
mod stand_in;

#[path = "stack_exchange_chat/hearing.rs"]
mod hearing;
#[path = "stack_exchange_chat/login.rs"]
mod login;
#[path = "stack_exchange_chat/resume.rs"]
mod resume;
#[path = "stack_exchange_chat/rubbish.rs"]
mod rubbish;
#[path = "stack_exchange_chat/scene.rs"]
mod scene;

//! What is said in a Stack Exchange chat: as the chat shows it, at its pace, once and not twice; over real sockets and
//! with a stopped clock.

#[path = "stack_exchange_chat_speaking/shown.rs"]
mod shown;
#[path = "stand_in/stack_exchange_chat.rs"]
mod stack_exchange_chat;

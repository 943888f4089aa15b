//! What is said in a Stack Exchange chat: as the chat shows it, at its pace, once and not twice; over real sockets and
//! with a stopped clock.

#[path = "stand_in/stack_exchange_chat.rs"]
mod stand_in;

#[path = "stack_exchange_chat_speaking/doubt.rs"]
mod doubt;
#[path = "stack_exchange_chat_speaking/edits.rs"]
mod edits;
#[path = "stack_exchange_chat_speaking/pace.rs"]
mod pace;
#[path = "stack_exchange_chat_speaking/said.rs"]
mod said;
#[path = "stack_exchange_chat/scene.rs"]
// It is shared with tests that need other parts of it.
#[allow(dead_code)]
mod scene;
#[path = "stack_exchange_chat_speaking/shown.rs"]
mod shown;
#[path = "stack_exchange_chat_speaking/talk.rs"]
mod talk;
#[path = "stack_exchange_chat_speaking/trash.rs"]
mod trash;

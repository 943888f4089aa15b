//! The stand-ins themselves, over real sockets.

#[path = "stand_in/stack_exchange.rs"]
mod stack_exchange;

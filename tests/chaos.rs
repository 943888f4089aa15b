//! The real program while everything around it goes wrong: it is killed and stopped, its disk is full, its clock jumps, its
//! sockets die. What was acknowledged is there in the next life, and nothing is said twice.
//!
//! `BOSON_TEST_ROUNDS=100` makes each of the four stories so long, `BOSON_TEST_SEED` others.

#[path = "chaos/clock.rs"]
mod clock;
#[path = "chaos/disk.rs"]
mod disk;
#[path = "chaos/full.rs"]
mod full;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in/growing.rs"]
mod growing;
#[path = "crash/heard.rs"]
mod heard;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "crash/life.rs"]
mod life;
#[path = "crash/owed.rs"]
mod owed;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "rooms/program.rs"]
mod program;
#[path = "chaos/rounds.rs"]
mod rounds;
#[path = "stand_in/stack_exchange_chat.rs"]
mod stack_exchange_chat;
#[allow(dead_code, reason = "the test of kills alone needs the rest")]
#[path = "crash/story.rs"]
mod story;
#[path = "chaos/talk.rs"]
mod talk;
#[path = "chaos/wire.rs"]
mod wire;
#[path = "crash/world.rs"]
mod world;

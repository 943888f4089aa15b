//! The real program, killed and ended at any moment.

#[path = "crash/ends.rs"]
mod ends;
#[path = "stand_in/growing.rs"]
mod growing;
#[path = "crash/heard.rs"]
mod heard;
#[path = "crash/kills.rs"]
mod kills;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "crash/life.rs"]
mod life;
#[path = "crash/owed.rs"]
mod owed;
#[path = "crash/real.rs"]
mod real;
#[path = "crash/story.rs"]
mod story;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in/web.rs"]
mod web;
#[path = "crash/world.rs"]
mod world;

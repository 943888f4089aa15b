//! IRC over sockets: what is heard and said, what servers do to a bot, and what it does then.

#[path = "irc/certificate.rs"]
mod certificate;
#[path = "irc/hearing.rs"]
mod hearing;
#[path = "irc/life.rs"]
mod life;
#[path = "irc/past.rs"]
mod past;
#[path = "irc/private.rs"]
mod private;
#[path = "irc/scene.rs"]
mod scene;
#[path = "irc/speaking.rs"]
mod speaking;
#[allow(dead_code, reason = "other tests need more of it")]
#[path = "stand_in/irc.rs"]
mod stand_in;
#[path = "irc/tls.rs"]
mod tls;
#[path = "irc/together.rs"]
mod together;

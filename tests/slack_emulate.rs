//! The client of Slack, judged by a server that others wrote: `emulate`, which `.ci/run judges` installs.
//!
//! Where it is not installed these tests pass without a judge; in CI it has to be there. `BOSON_TEST_EMULATE` is the
//! folder that it was installed into, if that is another than `target/ci-tools/emulate`.

#[path = "slack_emulate/emulator.rs"]
mod emulator;
#[path = "slack_emulate/hearing.rs"]
mod hearing;
#[path = "slack_emulate/rooms.rs"]
mod rooms;
#[path = "slack_emulate/said.rs"]
mod said;
#[path = "stand_in/slack/signature.rs"]
mod signature;

//! The only reader of the environment.

/// A variable's value; `None` when it is not set, empty or no text.
#[allow(
    clippy::disallowed_methods,
    reason = "config is where the environment is read"
)]
pub(super) fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// The name that whoever started the program is logged in with.
pub fn login_name() -> Option<String> {
    variable("USER").or_else(|| variable("LOGNAME"))
}

/// False when the person has asked every program for plain output (`NO_COLOR`).
pub fn wants_colours() -> bool {
    variable("NO_COLOR").is_none()
}

/// False when the terminal says that its cursor cannot move (`TERM`).
pub fn wants_editing() -> bool {
    variable("TERM").is_some_and(|terminal| terminal != "dumb")
}

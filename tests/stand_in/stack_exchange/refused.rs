//! The errors of the API.

/// An error as the wrapper tells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused {
    pub id: u32,
    pub message: String,
}

/// Number, name, description.
pub const ERRORS: [(u32, &str, &str); 13] = [
    (400, "bad_parameter", "An invalid parameter was passed"),
    (
        401,
        "access_token_required",
        "A method that needs an access token was called without one",
    ),
    (
        402,
        "invalid_access_token",
        "An access token was passed that is not valid",
    ),
    (
        403,
        "access_denied",
        "The access token or the key does not allow this",
    ),
    (404, "no_method", "There is no such method"),
    (
        405,
        "key_required",
        "A method that needs a key was called without one",
    ),
    (
        406,
        "access_token_compromised",
        "The access token is no longer secret",
    ),
    (407, "write_failed", "A write was refused"),
    (
        409,
        "duplicate_request",
        "The same request was made a moment ago",
    ),
    (500, "internal_error", "Something went wrong inside"),
    (502, "throttle_violation", "A limit of requests was broken"),
    (
        503,
        "temporarily_unavailable",
        "The service is not to be had for now",
    ),
    (504, "gateway_timeout", "The service took too long"),
];

impl Refused {
    pub fn new(id: u32, message: impl Into<String>) -> Refused {
        Refused {
            id,
            message: message.into(),
        }
    }

    /// What comes when a parameter is not what it should be.
    pub fn parameter(message: impl Into<String>) -> Refused {
        Refused::new(400, message)
    }

    /// What comes when too much was asked; `seconds` until it may be asked again.
    pub fn throttled(seconds: i64) -> Refused {
        Refused::new(
            502,
            format!("too many requests from this IP, more requests available in {seconds} seconds"),
        )
    }

    pub fn name(&self) -> &'static str {
        let known = ERRORS.iter().find(|(id, ..)| *id == self.id);
        known.map_or("unknown", |(_, name, _)| name)
    }
}

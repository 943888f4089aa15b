//! A secret that is never shown.

use secrecy::{ExposeSecret, SecretString};

/// A password or token. Its `Debug` shows nothing of it, and it is wiped from memory when it is dropped.
#[derive(Clone, Debug)]
pub struct Secret(SecretString);

impl Secret {
    pub fn new(secret: impl Into<String>) -> Secret {
        Secret(SecretString::from(secret.into()))
    }

    /// The secret itself, for the one place that sends it.
    pub fn expose(&self) -> &str {
        self.0.expose_secret()
    }
}

//! The chats of Stack Exchange: rooms on three hosts, each a platform of its own.
//!
//! Nothing of it is documented; what is known comes from programs that use it, and from the site's own script.

pub mod content;
pub mod cut;
mod markup;
pub mod render;

use std::path::PathBuf;

use secrecy::SecretString;

use super::PlatformKind;

pub const KIND: PlatformKind = PlatformKind {
    name: "stack-exchange-chat",
    only_one: false,
};

/// One of the chats.
pub struct Host {
    /// Its host, which is its platform's name.
    pub chat: &'static str,
    /// The site whose accounts it takes.
    pub login: &'static str,
}

/// Every chat that there is; ids of one mean nothing in another.
pub const HOSTS: [Host; 3] = [
    Host {
        chat: "chat.stackexchange.com",
        login: "meta.stackexchange.com",
    },
    Host {
        chat: "chat.stackoverflow.com",
        login: "stackoverflow.com",
    },
    Host {
        chat: "chat.meta.stackexchange.com",
        login: "meta.stackexchange.com",
    },
];

/// Where a chat is, and as whom it is used.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The platform's name.
    pub name: String,
    /// What people call the bot: whoever calls the account by its name there calls the bot.
    pub bot: String,
    /// Where the chat is, without a slash at the end.
    pub url: String,
    /// The site whose account is used, without a slash at the end.
    pub login: String,
    pub email: Option<String>,
    pub password: Option<SecretString>,
    /// Cookies as a browser sends them: `acct=…; prov=…`.
    pub cookies: Option<SecretString>,
    /// The number of the room that takes what is thrown away.
    pub trash: Option<u64>,
    /// Who is invited goes there.
    pub invitations: bool,
    /// Where it may keep files of its own (the cookies as they were last); it exists.
    pub folder: PathBuf,
}

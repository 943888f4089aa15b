//! Channels and conversations: what they are, what they are called, and which of them the bot is in.

use std::collections::BTreeMap;
use std::sync::Mutex;

use serde_json::Value;
use url::Url;

use super::api::next_page;
use super::wrong::Wrong;
use super::{Workspace, locked};
use crate::model::RoomId;
use crate::model::text::{cut, harmless};

/// How many channels a page has, and how many pages are read at most.
const PAGE: usize = 200;
const PAGES: usize = 100;
/// How many names of channels are kept in mind.
const NAMES: usize = 20_000;
/// The longest name, in characters.
const NAME: usize = 100;

/// What a conversation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Public,
    Private,
    /// Somebody and the bot alone.
    Direct,
    /// A few people, without a name.
    Group,
}

/// Each kind has a permission of its own.
const TYPES: [&str; 4] = ["public_channel", "private_channel", "im", "mpim"];

/// A conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub id: String,
    /// Empty where it has none.
    pub name: String,
    pub kind: Kind,
    pub creator: Option<String>,
    /// The bot is in it.
    pub member: bool,
    pub archived: bool,
    /// The other one of a direct conversation.
    pub user: Option<String>,
}

impl Place {
    /// A conversation as Slack tells of it.
    pub fn of(channel: &Value) -> Option<Place> {
        let is = |name: &str| channel[name].as_bool() == Some(true);
        let text = |name: &str| channel[name].as_str().map(str::to_string);
        let kind = if is("is_im") {
            Kind::Direct
        } else if is("is_mpim") {
            Kind::Group
        } else if is("is_private") || is("is_group") {
            Kind::Private
        } else {
            Kind::Public
        };
        Some(Place {
            id: text("id")?,
            name: tidy(channel["name"].as_str().unwrap_or_default()),
            kind,
            creator: text("creator"),
            member: is("is_member") || kind == Kind::Direct || kind == Kind::Group,
            archived: is("is_archived"),
            user: text("user"),
        })
    }
}

impl Place {
    /// A conversation that Slack does not tell about; its id says a little.
    pub fn unknown(channel: &str) -> Place {
        Place {
            id: channel.into(),
            name: String::new(),
            kind: match channel.starts_with('D') {
                true => Kind::Direct,
                false => Kind::Public,
            },
            creator: None,
            member: true,
            archived: false,
            user: None,
        }
    }
}

/// A name as one short line.
pub(super) fn tidy(name: &str) -> String {
    cut(harmless(name.trim()).trim(), NAME)
}

/// Every conversation that the bot is in.
///
/// # Errors
/// When Slack does not say.
pub(super) async fn mine(workspace: &Workspace) -> Result<Vec<Place>, Wrong> {
    let mut found = Vec::new();
    for kind in TYPES {
        let fields = [
            ("types", kind.to_string()),
            ("exclude_archived", "true".into()),
        ];
        match pages(workspace, "users.conversations", &fields).await {
            Ok(places) => found.extend(places.into_iter().map(|place| Place {
                // The list has nothing else.
                member: true,
                ..place
            })),
            Err(Wrong::Scope { needed }) => {
                tracing::warn!(
                    platform = workspace.settings.name,
                    needed,
                    kind,
                    "the app lacks a permission: conversations of this kind are heard only when something is said"
                );
            }
            Err(wrong) => return Err(wrong),
        }
    }
    Ok(found)
}

/// Learns what all public channels are called.
///
/// # Errors
/// When Slack does not say.
pub(super) async fn learn_names(workspace: &Workspace) -> Result<(), Wrong> {
    let fields = [
        ("types", "public_channel".to_string()),
        ("exclude_archived", "true".into()),
    ];
    for place in pages(workspace, "conversations.list", &fields).await? {
        workspace.names.learn(&place.name, &place.id);
    }
    Ok(())
}

async fn pages(
    workspace: &Workspace,
    method: &str,
    fields: &[(&'static str, String)],
) -> Result<Vec<Place>, Wrong> {
    let mut found = Vec::new();
    let mut cursor = None;
    for _ in 0..PAGES {
        let mut fields = fields.to_vec();
        fields.push(("limit", PAGE.to_string()));
        fields.extend(cursor.take().map(|cursor| ("cursor", cursor)));
        let answer = workspace.api.patient(method, &fields).await?;
        let channels = answer["channels"].as_array().into_iter().flatten();
        found.extend(channels.filter_map(Place::of));
        cursor = next_page(&answer);
        if cursor.is_none() {
            break;
        }
    }
    Ok(found)
}

/// What a conversation is.
///
/// # Errors
/// When it is not there for the app, or Slack does not say.
pub(super) async fn look(workspace: &Workspace, channel: &str) -> Result<Place, Wrong> {
    let fields = [("channel", channel.to_string())];
    let answer = workspace.api.read("conversations.info", &fields).await?;
    Place::of(&answer["channel"]).ok_or(Wrong::NotThere {
        code: "channel_not_found".into(),
    })
}

/// What public channels are called, and those that the bot is in.
#[derive(Default)]
pub(super) struct Names(Mutex<BTreeMap<String, String>>);

impl Names {
    /// The channel with this id is called so now.
    pub fn learn(&self, name: &str, id: &str) {
        let name = name.to_lowercase();
        let mut all = locked(&self.0);
        if !name.is_empty() && (all.len() < NAMES || all.contains_key(&name)) {
            all.insert(name, id.into());
        }
    }

    /// It is no longer called so.
    pub fn forget(&self, name: &str, id: &str) {
        let mut all = locked(&self.0);
        let name = name.to_lowercase();
        if all.get(&name).is_some_and(|known| known == id) {
            all.remove(&name);
        }
    }

    /// The channel that is called so.
    pub fn find(&self, name: &str) -> Option<String> {
        locked(&self.0).get(&name.to_lowercase()).cloned()
    }
}

impl Workspace {
    /// The room that somebody means by an id, a name or a link.
    pub(super) fn meant(&self, typed: &str) -> Option<RoomId> {
        let typed = typed.trim();
        if is_id(typed) {
            return Some(self.id(typed));
        }
        if let Some(name) = typed.strip_prefix('#') {
            let id = if is_id(name) {
                Some(name.to_string())
            } else {
                self.names.find(name)
            };
            return id.map(|id| self.id(&id));
        }
        if typed.contains('/') {
            let own = locked(&self.me).as_ref().map(|me| me.url.clone());
            return linked(typed, own.as_deref()).map(|id| self.id(&id));
        }
        self.names.find(typed).map(|id| self.id(&id))
    }

    /// The channel that somebody means, as people call it.
    pub(super) fn called(&self, channel: &str) -> Option<String> {
        let place = locked(&self.inside).get(channel).cloned()?;
        (!place.name.is_empty()).then_some(place.name)
    }
}

/// `C0123ABCD`, also `G…` and `D…`.
pub(super) fn is_id(text: &str) -> bool {
    let signs = |c: u8| c.is_ascii_uppercase() || c.is_ascii_digit();
    text.len() >= 8
        && text.len() <= 30
        && text.starts_with(['C', 'G', 'D'])
        && text.bytes().all(signs)
        && text.bytes().any(|c| c.is_ascii_digit())
}

/// The channel that a link leads to. `own` is the address of the workspace, where it is known.
fn linked(typed: &str, own: Option<&str>) -> Option<String> {
    let whole = match typed.contains("://") {
        true => typed.to_string(),
        false => format!("https://{typed}"),
    };
    let url = Url::parse(&whole).ok()?;
    let own = own.and_then(|own| Url::parse(own).ok());
    let host = url.host_str()?;
    let here = own.is_none_or(|own| own.host_str() == Some(host)) && host.ends_with(".slack.com");
    let mut path = url.path_segments()?.filter(|part| !part.is_empty());
    let id = match path.next()? {
        "archives" if here => path.next()?,
        // The client in a browser: the workspace, then the channel.
        "client" if host == "app.slack.com" => path.nth(1)?,
        _ => return None,
    };
    is_id(id).then(|| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_to_channels_of_the_own_workspace() {
        let own = Some("https://works.slack.com/");
        for (typed, expected) in [
            (
                "https://works.slack.com/archives/C0123ABCD",
                Some("C0123ABCD"),
            ),
            ("works.slack.com/archives/C0123ABCD/", Some("C0123ABCD")),
            (
                "https://works.slack.com/archives/C0123ABCD/p1732000000000100?thread_ts=1.2&cid=C0123ABCD",
                Some("C0123ABCD"),
            ),
            (
                "https://app.slack.com/client/T0123ABCD/C0123ABCD",
                Some("C0123ABCD"),
            ),
            ("https://others.slack.com/archives/C0123ABCD", None),
            (
                "https://works.slack.com.evil.example/archives/C0123ABCD",
                None,
            ),
            ("https://works.slack.com/archives/nothing", None),
            ("https://works.slack.com/", None),
            ("a/b", None),
        ] {
            assert_eq!(linked(typed, own).as_deref(), expected, "{typed}");
        }
    }

    #[test]
    fn ids_are_told_from_words() {
        for id in ["C0123ABCD", "G0123ABCD", "D0123ABCD1"] {
            assert!(is_id(id));
        }
        for word in [
            "CONGRATULATIONS",
            "C1",
            "U0123ABCD",
            "c0123abcd",
            "general",
            "",
        ] {
            assert!(!is_id(word), "{word}");
        }
    }
}

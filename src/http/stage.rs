//! A web that exists in memory only, for transcripts.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

use sha2::{Digest, Sha256};
use url::Url;

use super::page::{Answer, Body, Request};
use super::{HttpError, Settings, address};

/// The pages of a web in memory; clones share them.
#[derive(Clone, Default)]
pub struct Stage(Arc<Mutex<Scene>>);

#[derive(Default)]
struct Scene {
    pages: BTreeMap<String, Staged>,
    requests: Vec<String>,
    sent: Vec<(String, String)>,
    hosts: BTreeMap<String, Player>,
}

/// What answers for a whole host: gets the method, the address and what was sent.
pub type Player = Arc<dyn Fn(&str, &Url, &[u8]) -> Staged + Send + Sync>;

/// What the stage does when an address is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Staged {
    Page {
        status: u16,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    },
    /// Never answers: the time-out's error, without the waiting.
    Slow,
    /// Refuses the connection.
    Refused,
}

impl Staged {
    /// A page of this type, with status 200.
    pub fn page(content_type: impl Into<String>, body: impl Into<Vec<u8>>) -> Staged {
        Staged::Page {
            status: 200,
            headers: vec![("content-type".into(), content_type.into())],
            body: body.into(),
        }
    }

    /// An empty page with this status.
    pub fn status(status: u16) -> Staged {
        Staged::Page {
            status,
            headers: Vec::new(),
            body: Vec::new(),
        }
    }

    /// The same page with one more header; changes nothing where there is no page.
    pub fn header(mut self, name: &str, value: impl Into<String>) -> Staged {
        if let Staged::Page { headers, .. } = &mut self {
            headers.push((name.to_ascii_lowercase(), value.into()));
        }
        self
    }
}

impl Stage {
    /// Puts something under an address; what was there before is gone.
    pub fn serve(&self, url: impl AsRef<str>, staged: Staged) {
        let url = normal(url.as_ref());
        self.scene().pages.insert(url, staged);
    }

    /// Lets a function answer for a host (`example.org`, with a port that is not the usual one), except where a page
    /// was put.
    pub fn answer_host(&self, host: &str, player: Player) {
        self.scene().hosts.insert(host.into(), player);
    }

    /// The addresses that were asked for, in order, redirects included.
    pub fn requests(&self) -> Vec<String> {
        self.scene().requests.clone()
    }

    /// What was sent, in order: address and text.
    pub fn sent(&self) -> Vec<(String, String)> {
        self.scene().sent.clone()
    }

    fn scene(&self) -> MutexGuard<'_, Scene> {
        self.0
            .lock()
            .expect("nothing panics while it holds the stage")
    }

    pub(super) fn ask(
        &self,
        request: &Request,
        body: Option<&Body>,
        url: &Url,
        settings: &Settings,
    ) -> Result<Answer, HttpError> {
        let mut scene = self.scene();
        scene.requests.push(url.to_string());
        if let Some(body) = body {
            let text = String::from_utf8_lossy(&body.bytes).into_owned();
            scene.sent.push((url.to_string(), text));
        }
        let host = address::shown(url);
        let played = match scene.hosts.get(&host) {
            Some(player) if !scene.pages.contains_key(url.as_str()) => {
                let method = if body.is_some() { "POST" } else { "GET" };
                let sent = body.map_or(&[][..], |body| &body.bytes);
                Some(player(method, url, sent))
            }
            Some(_) | None => None,
        };
        let staged = played.as_ref().or_else(|| scene.pages.get(url.as_str()));
        let (status, headers, body) = match staged {
            Some(Staged::Slow) => {
                return Err(HttpError::NoAnswer {
                    host,
                    waited: request.within.unwrap_or(settings.timeout),
                });
            }
            Some(Staged::Refused) => return Err(HttpError::Refused { host }),
            Some(Staged::Page {
                status,
                headers,
                body,
            }) => (*status, headers, body),
            None => {
                let known = scene
                    .pages
                    .keys()
                    .any(|page| Url::parse(page).is_ok_and(|page| address::shown(&page) == host));
                return Err(if known {
                    HttpError::Status { host, status: 404 }
                } else {
                    HttpError::NoSuchHost { host }
                });
            }
        };
        if body.len() > settings.largest {
            return Err(HttpError::TooLarge {
                largest: settings.largest,
            });
        }
        let mut answer = Answer {
            status,
            headers: headers
                .iter()
                .map(|(name, value)| (name.to_ascii_lowercase(), value.clone()))
                .collect(),
            body: body.clone(),
        };
        if status == 200 && answer.header("etag").is_none() {
            let etag =
                format!("\"{:x?}\"", &Sha256::digest(body)[..8]).replace(['[', ']', ',', ' '], "");
            answer.headers.push(("etag".into(), etag));
        }
        if status == 200
            && request.etag.is_some()
            && request.etag.as_deref() == answer.header("etag")
        {
            answer.status = 304;
            answer.body.clear();
        }
        Ok(answer)
    }
}

fn normal(url: &str) -> String {
    match address::parse(url) {
        Ok(url) => url.to_string(),
        Err(_) => url.to_string(),
    }
}

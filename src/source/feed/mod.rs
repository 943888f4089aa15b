//! The source `feed`: what a site publishes as RSS, Atom or JSON Feed.

mod cursor;
mod decode;
mod discover;
mod entry;
mod json;
mod mend;
mod names;
mod pace;
pub(super) mod plain;
mod read;

pub(super) use entry::hash;
pub use pace::Pace;
pub use read::{Parsed, parse};

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use clap::{ArgMatches, FromArgMatches};
use url::Url;

use super::{Asking, Look, LookError, Poll, SourceKind};
use crate::http::{Http, HttpError, Page, Request, web_address};
use crate::model::Refusal;
use crate::registry;
use cursor::Cursor;
use read::Document;

/// What is welcome, best first: hosts that have several forms of a page choose by it.
const ACCEPT: &str = "application/atom+xml, application/rss+xml, application/feed+json, \
     application/rdf+xml;q=0.9, application/xml;q=0.8, text/xml;q=0.8, application/json;q=0.7, text/html;q=0.5, \
     */*;q=0.1";

/// Pages larger than this are read beside the threads that talk, in bytes.
const SMALL: usize = 64 << 10;

/// Watch what a site publishes: its feed, or a page that names one.
#[derive(Clone, Debug, clap::Args)]
pub struct Feed {
    /// The address of the feed, or of a page that names one
    #[arg(value_name = "URL", value_parser = read_url)]
    url: Url,
}

pub const KIND: SourceKind = SourceKind {
    name: "feed",
    declare: || {
        registry::declare::<Feed>("feed")
            .about("Watch what a site publishes: its feed, or a page that names one")
    },
    page: include_str!("../../../man/feed.md"),
    build,
};

fn build(matches: &ArgMatches) -> Result<Box<dyn Poll>, Refusal> {
    let feed = Feed::from_arg_matches(matches).map_err(|_| {
        Refusal::new("`feed` needs the address of a feed.")
            .hint("for instance `feed https://example.org/feed`")
    })?;
    Ok(Box::new(feed))
}

/// Reads an address as people write it: the scheme may be missing, a chat may have put `<` and `>` around it.
fn read_url(text: &str) -> Result<Url, Refusal> {
    let text = text.trim().trim_start_matches('<').trim_end_matches('>');
    let text = match text.split_once(':') {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("feed") => {
            let rest = rest.trim_start_matches('/');
            if rest.contains("://") {
                rest.to_string()
            } else {
                format!("https://{rest}")
            }
        }
        _ if text.contains("://") => text.to_string(),
        _ => format!("https://{text}"),
    };
    web_address(&text).map_err(|error| {
        Refusal::new(format!("That cannot be a feed: {error}."))
            .hint("for instance `feed https://example.org/feed`")
    })
}

#[async_trait]
impl Poll for Feed {
    fn name(&self) -> String {
        let host = self.url.host_str().unwrap_or_default();
        let host = crate::model::text::cut(host.strip_prefix("www.").unwrap_or(host), 60);
        let pieces: Vec<&str> = self
            .url
            .path_segments()
            .into_iter()
            .flatten()
            .filter(|piece| !piece.is_empty())
            .collect();
        match pieces.as_slice() {
            // One host can have many feeds; the first piece says which, unless it only says that it is one.
            [first, _, ..] if !matches!(*first, "feed" | "feeds" | "rss" | "atom" | "xml") => {
                format!("{host}/{}", crate::model::text::cut(first, 40))
            }
            _ => host,
        }
    }

    fn key(&self) -> String {
        self.url.to_string()
    }

    fn line(&self) -> String {
        self.url.host_str().unwrap_or_default().to_string()
    }

    fn short(&self) -> String {
        "feed".into()
    }

    async fn look(&self, asking: &Asking<'_>) -> Result<Look, LookError> {
        let Asking { http, now, .. } = *asking;
        let mut cursor = Cursor::read(asking.cursor);
        let mut notes = Vec::new();
        let page_url = cursor.url.clone().unwrap_or_else(|| self.url.to_string());
        if let Some(feed_url) = cursor.feed_url.clone() {
            match ask(http, &feed_url, &cursor).await {
                Ok(page) => match self.take(&page, &mut cursor, &mut notes, now).await? {
                    Taken::Feed(look) => return Ok(*look),
                    Taken::Page(_) => cursor.forget(),
                },
                // The page may know where the feed is now.
                Err(
                    HttpError::Status {
                        status: 404 | 410, ..
                    }
                    | HttpError::NoSuchHost { .. },
                ) => cursor.forget(),
                Err(error) => return Err(error.into()),
            }
        }
        let page = ask(http, &page_url, &cursor).await?;
        let html = match self.take(&page, &mut cursor, &mut notes, now).await? {
            Taken::Feed(look) => return Ok(*look),
            Taken::Page(html) => html,
        };
        let named = Url::parse(&page.url)
            .ok()
            .and_then(|at| discover::discover(&html, &at));
        let Some(feed_url) = named else {
            return Err(self.trouble("is a web page that names no feed"));
        };
        cursor.forget();
        notes.push(format!("reading the feed {feed_url} that the page names"));
        let found = ask(http, &feed_url, &cursor).await?;
        cursor.feed_url = Some(feed_url);
        match self.take(&found, &mut cursor, &mut notes, now).await? {
            Taken::Feed(look) => Ok(*look),
            Taken::Page(_) => Err(self.trouble("names a feed that is a web page itself")),
        }
    }
}

/// What a page turned out to be.
enum Taken {
    Feed(Box<Look>),
    /// A web page, as text.
    Page(String),
}

impl Feed {
    fn trouble(&self, what: &str) -> LookError {
        LookError {
            what: format!("{} {what}", self.url),
            ..LookError::default()
        }
    }

    /// Reads a page, and remembers in the cursor that it was read.
    async fn take(
        &self,
        page: &Page,
        cursor: &mut Cursor,
        notes: &mut Vec<String>,
        now: DateTime<Utc>,
    ) -> Result<Taken, LookError> {
        if page.status == 304 {
            cursor.renew(page, notes);
            return Ok(Taken::Feed(Box::new(
                cursor.look(None, None, notes, page.fresh, now),
            )));
        }
        let digest = format!("{:x}", entry::hash(&[&page.body]));
        if cursor.body.as_deref() == Some(digest.as_str()) {
            cursor.keep(page, notes);
            return Ok(Taken::Feed(Box::new(
                cursor.look(None, None, notes, page.fresh, now),
            )));
        }
        let Page {
            body,
            content_type,
            url,
            ..
        } = page.clone();
        let read = move || read::read(&body, content_type.as_deref(), &url, now);
        let document = if page.body.len() <= SMALL {
            read()?
        } else {
            let _turn = LARGE.acquire().await;
            tokio::task::spawn_blocking(read)
                .await
                .map_err(|_| self.trouble("could not be read"))??
        };
        match document {
            Document::Page(html) => Ok(Taken::Page(html)),
            Document::Feed(parsed) => {
                cursor.keep(page, notes);
                cursor.body = Some(digest);
                cursor.pace = parsed.pace;
                let look = cursor.look(Some(parsed.items), parsed.title, notes, page.fresh, now);
                Ok(Taken::Feed(Box::new(look)))
            }
        }
    }
}

/// Large feeds are read two at a time: each takes many times its own size of memory meanwhile.
static LARGE: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(2);

async fn ask(http: &Http, url: &str, cursor: &Cursor) -> Result<Page, HttpError> {
    let request = Request::new(url)
        .accept(ACCEPT)
        .unless(cursor.etag.clone(), cursor.last_modified.clone());
    http.get(request).await
}

//! A kind of thing on one site, and what is asked of it: its name, its key, its bell, its looks.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};

use super::api::{Unanswered, bell_of};
use super::budget::Looked;
use super::content::{Content, Rings};
use super::cursor::Cursor;
use super::place::Place;
use super::post;
use super::reading::{Open, Reading};
use super::sites::{self, Site};
use super::wrong;
use crate::model::{Item, Part, Refusal};
use crate::source::{Asking, Look, LookError, Poll, Shared};

/// The most posts that a source names.
pub(super) const POSTS: usize = 100;

/// Something to watch.
pub(super) struct Watch {
    pub(super) content: &'static Content,
    pub(super) site: Site,
    /// Only what belongs to these posts; everything where there are none. Sorted.
    pub(super) posts: Vec<u64>,
}

/// `questions` without a site.
pub(super) fn no_site(kind: &str) -> Refusal {
    Refusal::new(format!("`{kind}` needs a site of Stack Exchange."))
        .hint(format!("for instance `track {kind} on stackoverflow`"))
}

impl Watch {
    /// # Errors
    /// When that cannot be a site, or a post of one.
    pub fn build(
        content: &'static Content,
        site: &[String],
        posts: &[String],
    ) -> Result<Box<dyn Poll>, Refusal> {
        let mut numbers = Vec::with_capacity(posts.len());
        for post in posts {
            numbers.push(post::number(post)?);
        }
        numbers.sort_unstable();
        numbers.dedup();
        if numbers.len() > POSTS {
            return Err(Refusal::new(format!("That is more than {POSTS} posts."))
                .hint("leave some out, or start a second tracker for them"));
        }
        Ok(Box::new(Watch {
            content,
            site: sites::guess(&site.join(" ")),
            posts: numbers,
        }))
    }

    pub(super) fn method(&self) -> &'static str {
        match self.content.below {
            Some(below) if !self.posts.is_empty() => below,
            Some(_) | None => self.content.method,
        }
    }
}

#[async_trait]
impl Poll for Watch {
    fn name(&self) -> String {
        let Watch {
            content,
            site,
            posts,
        } = self;
        let numbers: Vec<String> = posts
            .iter()
            .take(3)
            .map(|post| format!("post {post}"))
            .collect();
        let below = match numbers.as_slice() {
            [] => String::new(),
            [one] => format!(" below {one}"),
            many if posts.len() == many.len() => format!(" below {}", many.join(", ")),
            many => format!(
                " below {} and {} more",
                many.join(", "),
                posts.len() - many.len()
            ),
        };
        format!("{} on {}{below}", content.called, site.host)
    }

    fn key(&self) -> String {
        let posts: Vec<String> = self.posts.iter().map(u64::to_string).collect();
        format!(
            "stack-exchange {} {} {}",
            self.site.api,
            self.content.called,
            posts.join(";")
        )
    }

    fn line(&self) -> String {
        "stack-exchange".into()
    }

    fn short(&self) -> String {
        self.site.api.clone()
    }

    fn settled(&self, mut part: Part, shared: &Shared) -> Result<Part, Refusal> {
        let of = |name: &str| part.args.get(name).map_or(&[][..], Vec::as_slice);
        let narrows = self.content.below.is_some();
        let place = Place::find(of("site"), of("post"), narrows, &shared.stack_exchange)?;
        part.args.insert("site".into(), vec![place.site.api]);
        if !place.posts.is_empty() {
            let posts = place.posts.iter().map(u64::to_string).collect();
            part.args.insert("post".into(), posts);
        }
        Ok(part)
    }

    fn bell(&self) -> Option<String> {
        Some(bell_of(&self.site.api))
    }

    fn heeds(&self, id: u64, shared: &Shared, now: DateTime<Utc>) -> Option<Duration> {
        let heeds = match self.content.rings {
            Rings::Never => false,
            Rings::New => shared.stack_exchange.is_new(&self.site.api, id),
            Rings::Any => self.posts.is_empty() || self.posts.contains(&id),
        };
        heeds.then(|| shared.stack_exchange.answer(&self.key(), now))
    }

    fn pace(&self, shared: &Shared, now: DateTime<Utc>) -> Option<Duration> {
        shared.stack_exchange.pace(&self.key(), now)
    }

    async fn look(&self, asking: &Asking<'_>) -> Result<Look, LookError> {
        let mut reading = Reading::new(self, asking);
        asking.shared.stack_exchange.watch();
        asking.shared.stack_exchange.learn_sites(asking.http).await;
        let before = Cursor::read(asking.cursor);
        let mark = match reading.read(before.mark).await {
            Ok(mark) => mark,
            Err(Unanswered::NotYet(rest)) => return Err(wrong::not_yet(rest)),
            Err(Unanswered::Trouble(error)) => return Err(error),
        };
        let Reading {
            mut items,
            open,
            requests,
            ..
        } = reading;
        items.sort_by(|a, b| b.at.cmp(&a.at).then_with(|| b.id.cmp(&a.id)));
        let cursor = Cursor { mark: Some(mark) };
        let fresh = |item: &&Item| before.mark.is_some_and(|mark| item.at.timestamp() > mark);
        let api = &asking.shared.stack_exchange;
        let again = match self.content.rings {
            Rings::New => api.read(&self.site.api, numbers(&items)),
            Rings::Any => api.read_stream(&self.key(), items.iter().any(|item| fresh(&item))),
            Rings::Never => None,
        };
        let look = Looked {
            every: asking.every,
            rung: self.content.rings != Rings::Never,
            requests: u32::try_from(requests).unwrap_or(u32::MAX),
            items: items.iter().filter(fresh).count(),
        };
        let pace = asking
            .shared
            .stack_exchange
            .looked(&self.key(), look, asking.now);
        // What can be had as often as it is wanted keeps to the hours of its trackers.
        let pace = Some(pace).filter(|pace| *pace > asking.every);
        let (rest, next) = match open {
            None => (None, again.or(pace)),
            // What is left of the day's requests counts also for what is to be caught up.
            Some(Open::More) => (None, pace.or(Some(Duration::from_secs(1)))),
            Some(Open::NotYet(rest)) => (Some(rest), Some(rest)),
        };
        Ok(Look {
            items: Some(items),
            only_new: true,
            cursor: serde_json::to_value(&cursor).unwrap_or_default(),
            title: Some(self.name()),
            rest,
            next,
            ..Look::default()
        })
    }
}

/// The numbers of questions among these items.
fn numbers(items: &[Item]) -> impl Iterator<Item = u64> {
    items.iter().filter_map(|item| item.id.0.parse().ok())
}

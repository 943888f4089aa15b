//! A kind of thing on one site, read on from where the last look ended.

use std::collections::HashSet;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::api::{Api, Call, Unanswered, bell_of};
use super::budget::Looked;
use super::content::{Content, Reads, Rings};
use super::cursor::Cursor;
use super::object::{On, number};
use super::post;
use super::sites::{self, Site};
use super::wrong;
use crate::model::{Item, Part, Refusal};
use crate::source::{Asking, Look, LookError, Poll, Shared};

/// The most objects of a page.
const PAGE: usize = 100;
/// The most pages that one look reads; what is left is read by the next, which comes at once.
const PAGES: usize = 10;
/// The most pages of a list that can be read only as a whole.
const WHOLE: usize = 20;
/// How many of them are read in between, and how long after it was read to its end it is again, in seconds: most that
/// is closed is closed soon after it was asked.
const SHALLOW: usize = 3;
const DEEP: i64 = 3_600;
/// What is read again at each look, in seconds: answers may be a minute old, and things of one second come one by one.
const OVERLAP: i64 = 150;
/// The same for what has no date of its own.
const SINCE: i64 = 900;
/// How long before a first look things without a date were made that are there already, in seconds.
const BEFORE: i64 = 86_400;
/// The most posts that a source names.
const POSTS: usize = 100;

/// Something to watch.
pub(super) struct Watch {
    content: &'static Content,
    site: Site,
    /// Only what belongs to these posts; everything where there are none. Sorted.
    posts: Vec<u64>,
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

    fn method(&self) -> &'static str {
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
        let typed = part.args.get("site").map(|words| words.join(" "));
        let site = shared.stack_exchange.site(&typed.unwrap_or_default())?;
        part.args.insert("site".into(), vec![site.api]);
        if !self.posts.is_empty() {
            let posts = self.posts.iter().map(u64::to_string).collect();
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
        let mut reading = Reading {
            watch: self,
            asking,
            items: Vec::new(),
            known: HashSet::new(),
            requests: 0,
            open: None,
        };
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
            Some(Open::More) => (None, Some(Duration::from_secs(1))),
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

/// Why a look ended before it had read everything.
enum Open {
    /// There are more pages than one look reads.
    More,
    /// It must not be asked for so long.
    NotYet(Duration),
}

/// A look under way.
struct Reading<'a> {
    watch: &'a Watch,
    asking: &'a Asking<'a>,
    items: Vec<Item>,
    known: HashSet<String>,
    requests: usize,
    open: Option<Open>,
}

impl Reading<'_> {
    /// Reads on from `mark`; returns how far it has read now.
    async fn read(&mut self, mark: Option<i64>) -> Result<i64, Unanswered> {
        match (self.watch.content.reads, mark) {
            (Reads::Created | Reads::Active, None) => self.latest().await,
            (Reads::Created, Some(mark)) => self.onward("fromdate", mark).await,
            (Reads::Active, Some(mark)) => self.onward("min", mark).await,
            (Reads::Since, mark) => self.since(mark).await,
            (Reads::Whole(days), mark) => self.whole(days, mark).await,
            (Reads::Revised, mark) => self.revised(mark).await,
        }
    }

    /// The newest there are: what is there already when the first look comes.
    async fn latest(&mut self) -> Result<i64, Unanswered> {
        let objects = self.page(vec![("order", "desc".into())], 1).await?.0;
        let newest = self.take(&objects);
        Ok(newest.unwrap_or(0))
    }

    /// The oldest first, page by page, from a little before `mark`.
    async fn onward(&mut self, from: &'static str, mark: i64) -> Result<i64, Unanswered> {
        let (mut reached, mut start, mut page) = (mark, mark - OVERLAP, 1);
        // What the API had a minute ago is no news: no two looks ask for the very same.
        let until = match from {
            "min" => "max",
            _ => "todate",
        };
        let to = (self.now() + TimeDelta::hours(1)).timestamp();
        for n in 0.. {
            if n == PAGES {
                self.open = Some(Open::More);
                break;
            }
            let mut params = vec![("order", "asc".to_string()), (until, to.to_string())];
            if start > 0 {
                params.push((from, start.to_string()));
            }
            let (objects, more) = match self.page(params, page).await {
                Ok(page) => page,
                Err(trouble) => {
                    self.stop_at(trouble)?;
                    break;
                }
            };
            let newest = self.take(&objects);
            reached = reached.max(newest.unwrap_or(reached));
            if !more {
                break;
            }
            // Things move to later pages while these are read, but none to before a time.
            match newest {
                Some(newest) if newest > start => (start, page) = (newest, 1),
                Some(_) | None => page += 1,
            }
        }
        Ok(reached)
    }

    /// What was made since the last look began. After a long rest that is read piece by piece, the oldest first.
    async fn since(&mut self, mark: Option<i64>) -> Result<i64, Unanswered> {
        let mut from = mark.map_or_else(|| self.now().timestamp() - BEFORE, |mark| mark - SINCE);
        let end = self.now().timestamp() + 3_600;
        let (mut began, mut span) = (None, end - from);
        while self.requests < 3 * WHOLE {
            let until = end.min(from + span);
            let whole = self.between(from, until).await?;
            // What time it is there is known only after it was asked.
            let now = self.now().timestamp();
            let began = *began.get_or_insert(now);
            match whole {
                true if until == end => return Ok(began),
                true => from = until,
                false => span = (until.min(now) - from).max(2) / 2,
            }
        }
        self.open = Some(Open::More);
        Ok(from)
    }

    /// Reads what was made between two times; whether that was all, or it is too much.
    async fn between(&mut self, from: i64, until: i64) -> Result<bool, Unanswered> {
        let params = || {
            vec![
                ("fromdate", from.to_string()),
                ("todate", until.to_string()),
            ]
        };
        let (objects, more) = self.page(params(), 1).await?;
        self.take(&objects);
        if !more {
            return Ok(true);
        }
        // The last page that would be read says whether it is the last there is.
        let (objects, more) = self.page(params(), WHOLE).await?;
        self.take(&objects);
        if more {
            return Ok(false);
        }
        for page in 2..WHOLE {
            let (objects, more) = self.page(params(), page).await?;
            self.take(&objects);
            if !more {
                break;
            }
        }
        Ok(true)
    }

    /// All there is; what can be much is read to its end once an hour. The mark is when that was.
    async fn whole(&mut self, days: Option<i64>, mark: Option<i64>) -> Result<i64, Unanswered> {
        let began = self.now();
        let deep = mark.is_none_or(|mark| began.timestamp() - mark >= DEEP);
        let pages = match days {
            Some(_) if !deep => SHALLOW,
            Some(_) | None => WHOLE,
        };
        let from = days.map(|days| began - TimeDelta::days(days));
        for page in 1..=pages {
            let params = from.map(|from| ("fromdate", from.timestamp().to_string()));
            let (objects, more) = self.page(params.into_iter().collect(), page).await?;
            self.take(&objects);
            if !more {
                return Ok(began.timestamp());
            }
        }
        Ok(match mark {
            Some(mark) if !deep => mark,
            Some(_) | None => began.timestamp(),
        })
    }

    /// The revisions of posts that were edited since.
    async fn revised(&mut self, mark: Option<i64>) -> Result<i64, Unanswered> {
        let now = self.now().timestamp();
        let from = mark.map_or(now - BEFORE, |mark| mark - OVERLAP);
        let (mut edited, mut reached) = (self.watch.posts.clone(), mark.unwrap_or(0));
        if edited.is_empty() {
            let mut start = from;
            let mut page = 1;
            for n in 0.. {
                if n == PAGES {
                    self.open = Some(Open::More);
                    break;
                }
                let params = vec![
                    ("sort", "activity".to_string()),
                    ("order", "asc".into()),
                    ("min", start.to_string()),
                    ("max", (now + 3_600).to_string()),
                ];
                let (objects, more) = self.page(params, page).await?;
                let active = |post: &Value| number(post, "last_activity_date");
                let plausible = |date: &i64| (0..=now + 3_600).contains(date);
                let newest = objects.iter().filter_map(active).filter(plausible).max();
                reached = reached.max(newest.unwrap_or(reached));
                edited.extend(objects.iter().filter_map(|post| {
                    let at = number(post, "last_edit_date")?;
                    let post = number(post, "post_id").filter(|_| at >= from)?;
                    u64::try_from(post).ok()
                }));
                if !more {
                    break;
                }
                match newest {
                    Some(newest) if newest > start => (start, page) = (newest, 1),
                    Some(_) | None => page += 1,
                }
            }
            edited.sort_unstable();
            edited.dedup();
        }
        for ids in edited.chunks(POSTS) {
            for page in 1..=WHOLE {
                let (objects, more) = self.revisions(ids, from, page).await?;
                let edits: Vec<Value> = objects
                    .into_iter()
                    // The first is the post itself.
                    .filter(|revision| number(revision, "revision_number") != Some(1))
                    .collect();
                let newest = self.take(&edits);
                if !self.watch.posts.is_empty() {
                    reached = reached.max(newest.unwrap_or(reached));
                }
                if !more {
                    break;
                }
            }
        }
        Ok(reached)
    }

    async fn revisions(
        &mut self,
        ids: &[u64],
        from: i64,
        page: usize,
    ) -> Result<(Vec<Value>, bool), Unanswered> {
        let params = vec![("fromdate", from.to_string())];
        self.ask("/posts/{ids}/revisions", ids, params, page).await
    }

    async fn page(
        &mut self,
        params: Vec<(&'static str, String)>,
        page: usize,
    ) -> Result<(Vec<Value>, bool), Unanswered> {
        let watch = self.watch;
        let ids: &[u64] = match watch.method() == watch.content.method {
            true => &[],
            false => &watch.posts,
        };
        self.ask(watch.method(), ids, params, page).await
    }

    async fn ask(
        &mut self,
        method: &str,
        ids: &[u64],
        mut params: Vec<(&'static str, String)>,
        page: usize,
    ) -> Result<(Vec<Value>, bool), Unanswered> {
        let content = self.watch.content;
        params.extend(
            content
                .fixed
                .iter()
                .map(|(name, value)| (*name, (*value).to_string())),
        );
        params.push(("page", page.to_string()));
        params.push(("pagesize", PAGE.to_string()));
        let api: &Api = &self.asking.shared.stack_exchange;
        let call = Call {
            method,
            ids,
            site: Some(&self.watch.site.api),
            params,
            fields: content.fields,
        };
        self.requests += 1;
        let answer = api.ask(self.asking.http, &call).await?;
        Ok((answer.items.clone(), answer.has_more))
    }

    /// What time it is at Stack Exchange.
    fn now(&self) -> DateTime<Utc> {
        self.asking.shared.stack_exchange.now(self.asking.http)
    }

    /// Makes items of objects; returns the newest time by which they are read.
    fn take(&mut self, objects: &[Value]) -> Option<i64> {
        let watch = self.watch;
        let on = On {
            site: &watch.site.api,
            host: &watch.site.host,
            now: self.asking.now,
        };
        for object in objects {
            if let Some(item) = (watch.content.item)(object, &on)
                && self.known.insert(item.id.0.clone())
            {
                self.items.push(item);
            }
        }
        // What is dated beyond all clocks would stand before everything that comes.
        let plausible = 0..=self.now().timestamp() + 3_600;
        objects
            .iter()
            .filter_map(|object| number(object, watch.content.date))
            .filter(|date| plausible.contains(date))
            .max()
    }

    /// What was read before the trouble counts; the rest is read by the next look.
    fn stop_at(&mut self, trouble: Unanswered) -> Result<(), Unanswered> {
        if self.items.is_empty() {
            return Err(trouble);
        }
        self.open = Some(match trouble {
            Unanswered::NotYet(rest) => Open::NotYet(rest),
            Unanswered::Trouble(error) => {
                Open::NotYet(error.rest.unwrap_or(Duration::from_secs(60)))
            }
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Arc, Mutex};

    use serde_json::json;

    use super::*;
    use crate::clock::Clock;
    use crate::http::{Http, Staged};
    use crate::source::build;

    const T: i64 = 1_800_000_000;

    fn moment(second: i64) -> DateTime<Utc> {
        DateTime::from_timestamp(T + second, 0).unwrap()
    }

    /// An API on which somebody earns a badge each second, from second 0 on; it counts what is asked of badges.
    fn badges(clock: &Clock) -> (Http, Arc<Mutex<usize>>) {
        let (http, stage) = Http::staged(clock.clone());
        let (asked, clock) = (Arc::new(Mutex::new(0)), clock.clone());
        let counted = asked.clone();
        let answer = move |_: &str, url: &url::Url, _: &[u8]| {
            let number = |name: &str| {
                let mut pairs = url.query_pairs();
                let value = pairs.find(|(key, _)| key == name).map(|(_, value)| value);
                value.and_then(|value| value.parse::<i64>().ok())
            };
            let page = |items: serde_json::Value, more: bool| {
                let answer = json!({"items": items, "has_more": more, "quota_max": 10_000, "quota_remaining": 9_000});
                Staged::page("application/json", answer.to_string())
            };
            match url.path() {
                "/2.3/badges/recipients" => {
                    *counted.lock().unwrap() += 1;
                    let last = number("todate").unwrap().min(clock.now().timestamp()) - T;
                    let first = (number("fromdate").unwrap() - T).max(0);
                    let skip = 100 * (number("page").unwrap() - 1);
                    let seconds = (first..=last).rev().skip(skip as usize).take(100);
                    let items: Vec<_> = seconds
                        .map(|n| json!({"badge_id": 1, "name": "Teacher", "user": {"user_id": n}}))
                        .collect();
                    page(items.into(), last - first + 1 > skip + 100)
                }
                "/2.3/sites" => page(json!([]), false),
                _ => page(json!([{"filter": "!x"}]), false),
            }
        };
        stage.answer_host("api.stackexchange.com", Arc::new(answer));
        (http, asked)
    }

    #[tokio::test]
    async fn what_came_during_a_long_rest_is_read_piece_by_piece() {
        let clock = Clock::stopped(moment(0));
        let (http, asked) = badges(&clock);
        let shared = Shared::default();
        let part = Part {
            kind: "badges".into(),
            args: [("site".to_string(), vec!["beer".to_string()])].into(),
        };
        let source = build(&part).unwrap();
        let (mut cursor, mut seen) = (Value::Null, HashSet::new());
        let mut looks = 0;
        // It rests for seven hours, in which 25,200 are earned.
        for rests in [
            0, 25_200, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
        ] {
            clock.advance_to(clock.now() + TimeDelta::seconds(rests));
            let asking = Asking {
                http: &http,
                shared: &shared,
                cursor: &cursor,
                now: clock.now(),
                every: Duration::from_secs(600),
            };
            let before = *asked.lock().unwrap();
            let look = source.look(&asking).await.unwrap();
            assert!(*asked.lock().unwrap() - before <= 4 * WHOLE);
            seen.extend(look.items.unwrap().into_iter().map(|item| item.id.0));
            cursor = look.cursor;
            looks += 1;
            if looks > 1 && look.next != Some(Duration::from_secs(1)) {
                break;
            }
        }
        let earned = (clock.now() - moment(0)).num_seconds() as usize + 1;
        assert_eq!(seen.len(), earned, "after {looks} looks");
    }
}

//! A look under way: page after page, from where the last one ended.

use std::collections::HashSet;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use super::api::{Api, Call, Unanswered};
use super::content::Reads;
use super::object::{On, number};
use super::watch::{POSTS, Watch};
use super::wrong;
use crate::model::Item;
use crate::source::Asking;

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
/// Why a look ended before it had read everything.
pub(super) enum Open {
    /// There are more pages than one look reads.
    More,
    /// It must not be asked for so long.
    NotYet(Duration),
}

/// A look under way.
pub(super) struct Reading<'a> {
    watch: &'a Watch,
    asking: &'a Asking<'a>,
    pub items: Vec<Item>,
    known: HashSet<String>,
    /// Where this look began to read, in seconds since 1970; none where it is the first.
    since: Option<i64>,
    pub requests: usize,
    /// Why it ended before the end.
    pub open: Option<Open>,
}

impl<'a> Reading<'a> {
    pub fn new(watch: &'a Watch, asking: &'a Asking<'a>) -> Reading<'a> {
        Reading {
            watch,
            asking,
            items: Vec::new(),
            known: HashSet::new(),
            since: None,
            requests: 0,
            open: None,
        }
    }

    /// Reads on from `mark`; returns how far it has read now.
    pub async fn read(&mut self, mark: Option<i64>) -> Result<i64, Unanswered> {
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
        self.since = Some(start);
        let until = match from {
            "min" => "max",
            _ => "todate",
        };
        let to = self.horizon();
        for n in 0.. {
            if n == PAGES {
                self.open = Some(self.more(reached > mark)?);
                break;
            }
            let mut params = vec![("order", "asc".to_string()), (until, to.to_string())];
            if start > 0 {
                params.push((from, start.to_string()));
            }
            let (objects, more) = match self.page(params, page).await {
                Ok(page) => page,
                Err(trouble) => {
                    self.stop_at(trouble, reached > mark)?;
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
        let begins = from;
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
        self.open = Some(self.more(from > begins)?);
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
        let until = self.horizon();
        if edited.is_empty() {
            let mut start = from;
            let mut page = 1;
            for n in 0.. {
                if n == PAGES {
                    self.open = Some(self.more(Some(reached) > mark)?);
                    break;
                }
                let params = vec![
                    ("sort", "activity".to_string()),
                    ("order", "asc".into()),
                    ("min", start.to_string()),
                    ("max", until.to_string()),
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
            repeats: !api.is_heard(),
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
            since: self.since,
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

    /// Up to when a look asks, in seconds: an hour ahead, as clocks differ. While nothing rings, looks of the same age
    /// ask for the very same, so that one answer serves them; what rang must not be answered with what was there before.
    fn horizon(&self) -> i64 {
        let api = &self.asking.shared.stack_exchange;
        let now = self.now().timestamp();
        let age = i64::try_from(api.settings().max_age.as_secs())
            .unwrap_or(i64::MAX)
            .max(1);
        match api.is_heard() {
            true => now + 3_600,
            false => now - now % age + 3_600,
        }
    }

    /// There is more than one look reads. Where it has read nothing new, the next would not either.
    fn more(&self, progress: bool) -> Result<Open, Unanswered> {
        match progress {
            true => Ok(Open::More),
            false => Err(wrong::too_much().into()),
        }
    }

    /// What was read before the trouble counts, and the rest is read by the next look; where nothing new was read, it is
    /// trouble and nothing else.
    fn stop_at(&mut self, trouble: Unanswered, progress: bool) -> Result<(), Unanswered> {
        if !progress {
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
    use crate::model::Part;
    use crate::source::Shared;
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

    #[tokio::test]
    async fn an_api_that_gives_the_same_again_and_again_is_trouble() {
        let clock = Clock::stopped(moment(100));
        let (http, stage) = Http::staged(clock.clone());
        let answer = |_: &str, url: &url::Url, _: &[u8]| {
            let items = match url.path() {
                "/2.3/questions" => {
                    json!([{"question_id": 1, "creation_date": T, "title": "Same"}])
                }
                _ => json!([{"filter": "!x"}]),
            };
            let more = url.path() == "/2.3/questions";
            Staged::page(
                "application/json",
                json!({"items": items, "has_more": more}).to_string(),
            )
        };
        stage.answer_host("api.stackexchange.com", Arc::new(answer));
        let shared = Shared::default();
        let part = Part {
            kind: "questions".into(),
            args: [("site".to_string(), vec!["beer".to_string()])].into(),
        };
        let source = build(&part).unwrap();
        let mut asking = Asking {
            http: &http,
            shared: &shared,
            cursor: &Value::Null,
            now: clock.now(),
            every: Duration::from_secs(600),
        };
        let first = source.look(&asking).await.unwrap();
        assert_eq!(first.items.as_ref().map(Vec::len), Some(1));
        asking.cursor = &first.cursor;
        let before = stage.requests().len();
        let error = source.look(&asking).await.err().unwrap();
        assert_eq!(error.what, "Stack Exchange gives the same again and again");
        assert!(stage.requests().len() - before <= PAGES);
    }
}

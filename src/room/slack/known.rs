//! Which messages of a channel were heard, so that each is heard once, whether an event or the history tells of it.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::hash::{DefaultHasher, Hash, Hasher};

use super::event::Post;

/// How many messages of a channel are kept in mind; those before them count as heard.
const MESSAGES: usize = 500;
/// How many events of a workspace are kept in mind.
const EVENTS: usize = 32_000;

/// What was heard in one channel.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// What is not behind it was heard, or is of no concern.
    floor: String,
    messages: BTreeMap<String, State>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct State {
    text: u64,
    edited: String,
    /// It stands in a thread only.
    reply: bool,
    gone: bool,
}

/// What is news about a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum News {
    Said(Post),
    Edited(Post),
    Deleted(String),
}

impl News {
    /// The message that it is about.
    pub fn ts(&self) -> &str {
        match self {
            News::Said(post) | News::Edited(post) => &post.ts,
            News::Deleted(ts) => ts,
        }
    }
}

impl Known {
    /// What was said up to this message was heard.
    pub fn up_to(ts: impl Into<String>) -> Known {
        Known {
            floor: ts.into(),
            messages: BTreeMap::new(),
        }
    }

    /// Messages behind this one may be news.
    pub fn floor(&self) -> &str {
        &self.floor
    }

    /// What a message tells, if that is news. `before` is what it said before, where it is told as a change.
    pub fn hear(&mut self, post: Post, before: Option<&str>) -> Option<News> {
        let text = hash(&post.text);
        let known = self.messages.get(&post.ts);
        let changed = match known {
            Some(known) => known.text != text && !known.gone && post.edited >= known.edited,
            None => before.is_some_and(|before| before != post.text),
        };
        let new = known.is_none() && post.ts > self.floor && before.is_none();
        if known.is_some() && !changed {
            return None;
        }
        let state = State {
            text,
            edited: post.edited.clone(),
            reply: post.thread.is_some(),
            gone: false,
        };
        // The change of a message that is not known yet: perhaps its first event is still under way.
        let late = known.is_none() && before.is_some() && post.ts > self.floor;
        self.keep(post.ts.clone(), state);
        match (new || late, changed) {
            (true, _) => Some(News::Said(post)),
            (false, true) => Some(News::Edited(post)),
            (false, false) => None,
        }
    }

    /// A message was taken away.
    pub fn lose(&mut self, ts: &str) -> Option<News> {
        match self.messages.get_mut(ts) {
            Some(state) if state.gone => return None,
            Some(state) => state.gone = true,
            None => {
                let state = State {
                    text: 0,
                    edited: String::new(),
                    reply: false,
                    gone: true,
                };
                self.keep(ts.into(), state);
            }
        }
        Some(News::Deleted(ts.into()))
    }

    /// What the history tells that is news, the oldest first. It has all messages from `complete` on, except those that
    /// stand in threads only; `there` are the messages in it, whosever they are.
    pub fn past(
        &mut self,
        posts: Vec<Post>,
        there: &BTreeSet<String>,
        complete: Option<&str>,
    ) -> Vec<News> {
        let mut news = Vec::new();
        // What is newer may not have reached the history yet.
        if let (Some(complete), Some(newest)) = (complete, there.last())
            && complete <= newest.as_str()
        {
            for (ts, state) in self
                .messages
                .range_mut(complete.to_string()..=newest.clone())
            {
                if !state.gone && !state.reply && !there.contains(ts) {
                    state.gone = true;
                    news.push(News::Deleted(ts.clone()));
                }
            }
        }
        news.extend(posts.into_iter().filter_map(|post| self.hear(post, None)));
        news.sort_by(|one, other| one.ts().cmp(other.ts()));
        news
    }

    fn keep(&mut self, ts: String, state: State) {
        self.messages.insert(ts, state);
        while self.messages.len() > MESSAGES {
            let Some((oldest, _)) = self.messages.pop_first() else {
                return;
            };
            if oldest > self.floor {
                self.floor = oldest;
            }
        }
    }
}

fn hash(text: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    text.hash(&mut hasher);
    hasher.finish()
}

/// Events that were told.
#[derive(Debug, Default)]
pub(super) struct Told {
    ids: BTreeSet<String>,
    order: VecDeque<String>,
}

impl Told {
    /// This one comes for the first time.
    pub fn is_new(&mut self, id: &str) -> bool {
        let new = self.ids.insert(id.into());
        if new {
            self.order.push_back(id.into());
            if self.order.len() > EVENTS
                && let Some(oldest) = self.order.pop_front()
            {
                self.ids.remove(&oldest);
            }
        }
        new
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ts(n: usize) -> String {
        format!("1732000000.{n:06}")
    }

    fn post(n: usize, text: &str, edited: usize) -> Post {
        Post {
            ts: ts(n),
            user: "U1".into(),
            text: text.into(),
            edited: if edited > 0 {
                ts(edited)
            } else {
                String::new()
            },
            ..Post::default()
        }
    }

    #[test]
    fn a_mention_that_comes_twice_is_heard_once() {
        let mut known = Known::up_to(ts(0));
        assert!(matches!(
            known.hear(post(1, "a", 0), None),
            Some(News::Said(_))
        ));
        assert_eq!(known.hear(post(1, "a", 0), None), None);
    }

    #[test]
    fn an_edit_is_heard_when_the_text_differs() {
        let mut known = Known::up_to(ts(5));
        known.hear(post(6, "a", 0), None);
        // Slack has unfolded a link.
        assert_eq!(known.hear(post(6, "a", 0), Some("a")), None);
        assert!(matches!(
            known.hear(post(6, "b", 9), Some("a")),
            Some(News::Edited(_))
        ));
        // The first event comes once more.
        assert_eq!(known.hear(post(6, "a", 0), None), None);
        // A message from before.
        assert!(matches!(
            known.hear(post(2, "b", 9), Some("a")),
            Some(News::Edited(_))
        ));
        assert_eq!(known.hear(post(3, "b", 9), Some("b")), None);
    }

    #[test]
    fn an_edit_that_overtakes_its_message_is_the_message() {
        let mut known = Known::up_to(ts(0));
        assert!(matches!(
            known.hear(post(1, "b", 9), Some("a")),
            Some(News::Said(_))
        ));
        assert_eq!(known.hear(post(1, "a", 0), None), None);
    }

    #[test]
    fn what_is_gone_stays_gone() {
        let mut known = Known::up_to(ts(0));
        known.hear(post(1, "a", 0), None);
        assert_eq!(known.lose(&ts(1)), Some(News::Deleted(ts(1))));
        assert_eq!(known.lose(&ts(1)), None);
        assert_eq!(known.hear(post(1, "a", 0), None), None);
        // A deletion that overtakes its message.
        known.lose(&ts(2));
        assert_eq!(known.hear(post(2, "a", 0), None), None);
    }

    #[test]
    fn the_history_tells_what_is_missing_from_it() {
        let mut known = Known::up_to(ts(0));
        for n in 1..4 {
            known.hear(post(n, "a", 0), None);
        }
        let mut reply = post(4, "a", 0);
        reply.thread = Some(ts(1));
        known.hear(reply, None);
        let news = known.past(
            vec![post(1, "a", 0), post(3, "b", 9), post(5, "c", 0)],
            &[ts(1), ts(3), ts(5)].into(),
            Some(&ts(1)),
        );
        let told: Vec<&str> = news.iter().map(News::ts).collect();
        assert_eq!(told, [ts(2), ts(3), ts(5)]);
    }

    #[test]
    fn few_are_kept_in_mind() {
        let mut known = Known::default();
        for n in 0..3 * MESSAGES {
            assert!(known.hear(post(n, "a", 0), None).is_some());
        }
        assert_eq!(known.messages.len(), MESSAGES);
        assert_eq!(known.hear(post(7, "a", 0), None), None);
        let mut told = Told::default();
        assert!((0..2 * EVENTS).all(|n| told.is_new(&n.to_string())));
        assert_eq!(told.ids.len(), EVENTS);
        assert!(!told.is_new(&(2 * EVENTS - 1).to_string()));
    }

    proptest! {
        /// Whatever comes twice, late, or by the history: each message is heard once, and ends as it is.
        #[test]
        fn each_message_is_heard_once(order in prop::collection::vec((0..30_usize, 0..3_usize), 1..200)) {
            let mut known = Known::default();
            let mut said = BTreeSet::new();
            let mut texts = BTreeMap::new();
            let mut latest: BTreeMap<usize, usize> = BTreeMap::new();
            for (n, version) in order {
                let told = post(n + 1, &version.to_string(), if version == 0 { 0 } else { 100 + version });
                let before = (version > 0).then(|| (version - 1).to_string());
                let most = latest.entry(n).or_default();
                *most = (*most).max(version);
                match known.hear(told, before.as_deref()) {
                    Some(News::Said(post)) => {
                        prop_assert!(said.insert(post.ts.clone()), "heard twice");
                        texts.insert(n, post.text);
                    }
                    Some(News::Edited(post)) => {
                        let before = texts.insert(n, post.text.clone());
                        prop_assert_ne!(before, Some(post.text));
                    }
                    Some(News::Deleted(_)) => prop_assert!(false, "nothing was taken away"),
                    None => {}
                }
            }
            for (n, version) in latest {
                prop_assert!(said.contains(&ts(n + 1)));
                prop_assert_eq!(&texts[&n], &version.to_string());
            }
        }
    }
}

//! What somebody said, as the bot hears it: with names in the place of ids, and with what they may do.

use super::event::Post;
use super::hear::Ear;
use super::incoming::{self, Names};
use super::places::Kind;
use super::{Workspace, history, locked, stamp};
use crate::model::{Message, MessageId};

/// How many threads are known by whose message they are about.
const THREADS: usize = 200;

impl Ear {
    pub(super) async fn message(&mut self, post: Post) -> Message {
        let place = locked(&self.workspace.inside).get(&self.channel).cloned();
        let met = self.workspace.meet(&post.user, post.team.as_deref()).await;
        let creator = place.as_ref().and_then(|place| place.creator.as_deref());
        let role = met.role(creator);
        let text = self.workspace.words(&post.text).await;
        let reply_to_bot = match &post.thread {
            Some(thread) => self.is_ours(thread.clone(), post.parent.clone()).await,
            None => false,
        };
        Message {
            at: stamp::time(&post.ts).unwrap_or_else(|| self.workspace.clock.now()),
            id: MessageId(post.ts),
            room: self.room.clone(),
            person: met.person,
            text,
            direct: place.is_some_and(|place| place.kind == Kind::Direct),
            reply_to_bot,
            reply_to: post.thread.clone().map(MessageId),
            role,
            thread: post.thread.map(MessageId),
            private: false,
        }
    }

    /// Whether a thread is about a message of the bot. `parent` is whose it is, where Slack says so.
    async fn is_ours(&mut self, thread: String, parent: Option<String>) -> bool {
        let Ok(me) = self.workspace.me().await else {
            return false;
        };
        if let Some(parent) = parent {
            return parent == me.user;
        }
        if let Some((_, author)) = self.threads.iter().find(|(known, _)| *known == thread) {
            return author.as_ref() == Some(&me.user);
        }
        match history::author(&self.workspace, &self.channel, &thread).await {
            Ok(author) => {
                let ours = author.as_ref() == Some(&me.user);
                self.threads.push_back((thread, author));
                if self.threads.len() > THREADS {
                    self.threads.pop_front();
                }
                ours
            }
            Err(_) => false,
        }
    }
}

impl Workspace {
    /// What people typed, with names in the place of ids.
    pub(super) async fn words(&self, text: &str) -> String {
        let mentioned = incoming::mentioned(text);
        let mut names = Names::default();
        let me = locked(&self.me).as_ref().map(|me| me.user.clone());
        for person in mentioned.people {
            let name = match me.as_ref() == Some(&person) {
                true => self.settings.bot.clone(),
                false => self.meet(&person, None).await.person.name,
            };
            names.people.insert(person, name);
        }
        for (channel, name) in mentioned.channels {
            match name {
                Some(name) => self.names.learn(&name, &channel),
                None => names
                    .channels
                    .extend(self.called(&channel).map(|name| (channel, name))),
            }
        }
        incoming::words(text, &names)
    }
}

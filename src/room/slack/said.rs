//! What somebody said, as the bot hears it: with names in the place of ids, and with what they may do.

use super::event::Post;
use super::hear::Ear;
use super::incoming::{self, Names};
use super::places::Kind;
use super::{Workspace, history, locked, stamp};
use crate::model::{Message, MessageId, Person};

/// How many threads are known by whose message they are about.
const THREADS: usize = 200;

impl Ear {
    /// `past`: it is read back.
    pub(super) async fn message(&mut self, post: Post, past: bool) -> Message {
        let place = locked(&self.workspace.inside).get(&self.channel).cloned();
        let met = self.workspace.meet(&post.user, post.team.as_deref()).await;
        let creator = place.as_ref().and_then(|place| place.creator.as_deref());
        let role = met.role(creator);
        let (text, mentions) = self.workspace.words(&post.text).await;
        let reply_to_bot = match &post.thread {
            Some(thread) => self.is_ours(thread.clone(), post.parent.clone()).await,
            None => false,
        };
        Message {
            at: stamp::time(&post.ts).unwrap_or_else(|| self.workspace.clock.now()),
            id: MessageId(post.ts.into()),
            room: self.room.clone(),
            text,
            direct: place.is_some_and(|place| place.kind == Kind::Direct),
            reply_to_bot,
            reply_to: post.thread.clone().map(MessageId::from),
            role,
            everywhere: met.everywhere(),
            past,
            thread: post.thread.map(MessageId::from),
            private: false,
            mentions,
            person: met.person,
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

/// Whether somebody who is mentioned by this name would be taken for the bot.
fn calls(name: &str, bot: &str) -> bool {
    let end = name.find(|c: char| !c.is_alphanumeric() && c != '_' && c != '-');
    let first = name[..end.unwrap_or(name.len())].to_lowercase();
    !first.is_empty() && bot.to_lowercase().starts_with(&first)
}

impl Workspace {
    /// What people typed, with names in the place of ids, and whom they mention besides the bot.
    pub(super) async fn words(&self, text: &str) -> (String, Vec<Person>) {
        let mentioned = incoming::mentioned(text);
        let (mut names, mut people) = (Names::default(), Vec::new());
        let me = locked(&self.me).as_ref().map(|me| me.user.clone());
        for id in mentioned.people {
            if me.as_ref() == Some(&id) {
                names.people.insert(id, self.settings.bot.clone());
                continue;
            }
            let person = self.meet(&id, None).await.person;
            // Names are free in Slack: nobody else is called like the bot.
            let name = match calls(&person.name, &self.settings.bot) {
                true => id.clone(),
                false => person.name.to_string(),
            };
            names.people.insert(id, name);
            people.push(person);
        }
        for (channel, label) in mentioned.channels {
            // A name leads there only where it is that of a public channel; the id always does.
            let name = label.or_else(|| self.called(&channel));
            let leads = |name: &String| self.names.find(name).as_ref() == Some(&channel);
            let name = name.filter(leads);
            names.channels.extend(name.map(|name| (channel, name)));
        }
        (incoming::words(text, &names), people)
    }
}

//! What a bot is made of, and how it is made of it and its store.

use std::collections::BTreeMap;
use std::sync::{Arc, RwLock};
use std::time::Duration;

use hashbrown::{HashMap, HashSet};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::chosen::Wishes;
use super::errands::Errands;
use super::looks::Looks;
use super::measures::Measures;
use super::pace::{Pace, Paces};
use super::works::Works;
use super::{Bot, QUEUE, Stopper, dialogues, shown};
use crate::clock::Clock;
use crate::command::code::Code;
use crate::command::ends::StoppedBy;
use crate::command::{self, Grammar, wizard};
use crate::fact::Readers;
use crate::http::Http;
use crate::model::dialogue::{Answering, Unfinished};
use crate::model::{PersonId, RoomId, Task};
use crate::room::Platform;
use crate::source::Shared;
use crate::store::{self, Store, agenda};
use crate::tracker::{self, Limits, Rooms, Trackers, Trouble};

/// What one room is like, from the config.
#[derive(Clone, Debug, Default)]
pub struct RoomSetup {
    /// Typed before a command instead of a mention.
    pub prefix: Option<String>,
    /// Ids of people who own the room beside those whom the platform names.
    pub owners: Vec<PersonId>,
    /// Whether what a command lacks is asked for.
    pub unfinished: Unfinished,
    /// How questions are answered.
    pub answers: Answering,
}

/// What a bot is made of.
pub struct Setup {
    pub name: String,
    /// Where the documentation is, if it is on the web.
    pub docs: Option<String>,
    /// Makes whoever types it the operator, once.
    pub code: Option<String>,
    /// Who may end it from a room.
    pub stopped_by: StoppedBy,
    pub store: Store,
    pub clock: Clock,
    pub http: Http,
    /// What sources share.
    pub shared: Shared,
    /// What can be looked up about items.
    pub readers: Readers,
    pub platforms: Vec<Arc<dyn Platform>>,
    /// The rooms that are there from the start.
    pub rooms: Vec<RoomId>,
    /// How rooms read and say times.
    pub manners: Rooms,
    /// How rooms call the bot, and who owns them.
    pub room_setup: Arc<dyn Fn(&RoomId) -> RoomSetup + Send + Sync>,
    pub limits: Limits,
    pub pace: Pace,
    pub recipes: Vec<crate::recipe::Written>,
    /// When every platform has ended: end too, this long after all is said.
    pub linger: Duration,
    /// The store's folder, which gets the hourly backups; none for a store in memory.
    pub folder: Option<std::path::PathBuf>,
}

impl Bot {
    /// Builds the bot from its store; nothing is heard or said before [`Bot::run`] or [`Bot::settle`].
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub async fn new(setup: Setup) -> Result<Bot, Trouble> {
        let (sender, events) = mpsc::channel(QUEUE);
        let now = setup.clock.now();
        let known: HashSet<String> = setup
            .platforms
            .iter()
            .map(|platform| platform.name().to_string())
            .collect();
        let mut setup = setup;
        let clean = setup.store.mark();
        tracker::take_over_mutes(&mut setup.store)?;
        for (name, value) in setup.store.scan(&store::tables::SHARED, &(), usize::MAX)? {
            setup.shared.recall(&name, &value);
        }
        let wishes = Wishes::load(&setup.store)?;
        let manners = wishes.over_manners(setup.manners);
        let trackers = Trackers::load(
            &setup.store,
            setup.limits,
            manners.clone(),
            setup.shared,
            setup.readers,
        )?;
        let mut bot = Bot {
            store: setup.store,
            trackers,
            grammar: Grammar::default(),
            me: command::Bot {
                name: setup.name,
                docs: setup.docs,
                code: setup.code.as_deref().map(Code::new).unwrap_or_default(),
                stopped_by: setup.stopped_by,
                troubles: BTreeMap::new(),
                last_fault: None,
                started: now,
                recipes: setup.recipes,
                rooms: Default::default(),
            },
            clock: setup.clock,
            http: setup.http,
            listening: setup.platforms.len(),
            ears: JoinSet::new(),
            lines: JoinSet::new(),
            obeyed: None,
            platforms: setup
                .platforms
                .into_iter()
                .map(|platform| (platform.name().to_string(), platform))
                .collect(),
            rooms: HashMap::new(),
            room_setup: wishes.over_setup(setup.room_setup),
            manners,
            wishes,
            pace: setup.pace,
            paces: Paces::default(),
            events,
            sender,
            looks: Looks::default(),
            works: Works::default(),
            errands: Errands::default(),
            speaking: 0,
            times: HashMap::new(),
            lost: HashSet::new(),
            asking: dialogues::Asking::default(),
            shown: shown::Shown::default(),
            secrets: wizard::Secrets::default(),
            corrects: false,
            linger: setup.linger,
            ends: None,
            stopper: Stopper::new(),
            folder: setup.folder,
            checkpoint: now,
            work_rests: None,
            broken: None,
            faults: 0,
            clean,
            measures: Measures::default(),
            copying: None,
        };
        let asked = bot.store.scan(&store::tables::DIALOGUES, &(), usize::MAX)?;
        let asked = asked.into_iter().map(|(place, _)| place).collect();
        bot.asking = Arc::new(RwLock::new(asked));
        let stored = bot.store.scan(&store::tables::ROOMS, &(), usize::MAX)?;
        let left: HashSet<RoomId> = stored
            .iter()
            .filter(|(_, row)| row.left.is_some())
            .map(|(room, _)| room.clone())
            .collect();
        let stored = stored.into_iter().map(|(room, _)| room);
        // Whoever sent it away does not want it back only because it starts anew.
        for room in stored.chain(setup.rooms) {
            if left.contains(&room) {
                tracing::warn!(%room, "not entered: I was told to leave it; `join` it from another room");
            } else if known.contains(room.platform.as_str()) {
                bot.enter(&room, now)?;
            }
        }
        bot.trackers.resume_looks(&mut bot.store, now)?;
        bot.come_back(now)?;
        bot.ask_again(now)?;
        if bot.folder.is_some() && agenda::get(&bot.store, &Task::Backup.key())?.is_none() {
            bot.plan_backup(now)?;
        }
        bot.store.commit().await?;
        bot.forget_unwritten();
        for room in bot.me.rooms.clone() {
            bot.pump(&room);
        }
        Ok(bot)
    }
}

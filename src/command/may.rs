//! Who may do what: the one place in which a role is compared. A command's registration says the least role of the
//! command; what is asked beyond that, because of what stands behind the name, is listed here.

use super::{CommandKind, Scene, ends, role};
use crate::model::{PersonId, Refusal, Role, RoomId, Tracker};
use crate::store::rows::{Also, Change};
use crate::tracker::Trouble;

/// What not everybody may do.
#[derive(Clone, Copy)]
pub enum Deed<'a> {
    /// Use a command at all.
    Command(&'a CommandKind, Role),
    /// Change, end or silence a tracker, or decide about what it has to say.
    Change(&'a Tracker),
    /// Decide with this command about all that waits in a room.
    WholeRoom(&'static str),
    /// Change how a room is set.
    Settings,
    /// Let a tracker report much of a busy source.
    Broad,
    /// Let a tracker report in another room, which is called so.
    SpeakIn(&'a str),
    /// See what was done in other rooms.
    JournalOfAll,
    /// See how all rooms stand.
    StatusOfAll,
    /// Give somebody this role.
    Grant(Role),
    /// Take the role of an operator from somebody.
    RevokeOperator,
    /// Take back what somebody else did.
    TakeBackOfOthers,
    /// Take back what only this role could do now; in words.
    TakeBack(Role, &'a str),
}

impl Deed<'_> {
    /// The least role for it.
    fn needs(&self) -> Role {
        match self {
            Deed::Command(_, role) | Deed::TakeBack(role, _) => *role,
            Deed::Grant(role) => (*role).max(Role::Owner),
            Deed::Change(_)
            | Deed::WholeRoom(_)
            | Deed::Settings
            | Deed::Broad
            | Deed::SpeakIn(_)
            | Deed::TakeBackOfOthers => Role::Owner,
            Deed::JournalOfAll | Deed::StatusOfAll | Deed::RevokeOperator => Role::Operator,
        }
    }

    /// What it is, at the beginning of a sentence.
    fn called(&self) -> String {
        match self {
            Deed::Command(kind, _) => format!("`{}`", kind.name),
            Deed::Change(tracker) => format!("Changing `{}`", tracker.name),
            Deed::WholeRoom(command) => format!("`{command}` for a whole room"),
            Deed::Settings => "Changing how this room is set".into(),
            Deed::Broad => "`--broad`".into(),
            Deed::SpeakIn(room) => format!("Making me speak in `{room}`"),
            Deed::JournalOfAll => "`journal --everywhere`".into(),
            Deed::StatusOfAll => "`status --all`".into(),
            Deed::Grant(role) => format!("`grant {}`", role.name()),
            Deed::RevokeOperator => "`revoke --operator`".into(),
            Deed::TakeBackOfOthers => "Taking back what somebody else did".into(),
            Deed::TakeBack(_, what) => format!("Taking back “{}”", what.replace('`', "'")),
        }
    }

    /// What whoever may not do it can do all the same, to be said before whom they can ask.
    fn instead(&self) -> Option<String> {
        match self {
            Deed::WholeRoom(command) => {
                Some(format!("`{command} NAME` is about a tracker of yours"))
            }
            Deed::Settings => Some("`room` shows it".into()),
            Deed::Broad => Some("leave it out and look for something rarer".into()),
            Deed::SpeakIn(_) => Some("leave `in` out to report here".into()),
            Deed::JournalOfAll => Some("`journal` shows what was done here".into()),
            Deed::StatusOfAll => Some("`status` says how this room stands".into()),
            Deed::Command(..)
            | Deed::Change(_)
            | Deed::Grant(_)
            | Deed::RevokeOperator
            | Deed::TakeBackOfOthers
            | Deed::TakeBack(..) => None,
        }
    }

    /// Whether somebody with this role may do it.
    fn is_for(&self, role: Role) -> bool {
        role >= self.needs()
    }

    /// Why somebody with this role may not do it; `ask` says who may.
    fn refused(&self, role: Role, ask: &str) -> Refusal {
        let needs = self.needs();
        let (of, here) = match (self, needs) {
            (Deed::SpeakIn(_), _) => (" of that room", "there"),
            (_, Role::Operator) => ("", "here"),
            (_, Role::Guest | Role::Member | Role::Reviewer | Role::Owner) => {
                (" of this room", "here")
            }
        };
        let refusal = match self {
            Deed::Change(tracker) => Refusal::new(format!(
                "`{}` belongs to {}; changing it is for them and for owners of this room.",
                tracker.name,
                tracker.by.name.replace('`', "'")
            )),
            other => Refusal::new(format!(
                "{} is for {}s{of}; you are {} {here}.",
                other.called(),
                needs.name(),
                role.with_article()
            )),
        };
        refusal.hint(match self.instead() {
            Some(instead) => format!("{instead}; or {ask}"),
            None => ask.into(),
        })
    }
}

/// Whether whoever asks may do it.
pub fn may(scene: &Scene<'_>, deed: Deed<'_>) -> bool {
    let owns = match deed {
        Deed::Change(tracker) => tracker.by.id == scene.message.person.id,
        _ => false,
    };
    owns || deed.is_for(scene.role)
}

/// # Errors
/// With who may, for whoever may not do it.
pub fn check(scene: &Scene<'_>, deed: Deed<'_>) -> Result<(), Refusal> {
    if may(scene, deed) {
        return Ok(());
    }
    // Whoever may not even what a member may asks somebody who can change that.
    let needs = deed.needs().max(Role::Owner);
    let ask = match deed {
        Deed::Change(tracker) => {
            let whom = role::whom_else_to_ask(scene, needs, &tracker.by.id);
            format!("ask them, or {}", whom.trim_start_matches("ask "))
        }
        _ => role::whom_to_ask(scene, needs),
    };
    Err(deed.refused(scene.role, &ask))
}

/// The same for a command, by its registration.
///
/// # Errors
/// With who may, for whoever may not use it; when the store cannot be read.
pub fn check_command(scene: &Scene<'_>, kind: &CommandKind) -> Result<(), Trouble> {
    let least = match ends::is_end(kind.name) {
        true => kind.build.role.max(scene.bot.stopped_by.least),
        false => kind.build.role,
    };
    check(scene, Deed::Command(kind, least))?;
    match ends::refused(scene, kind.name)? {
        Some(refusal) => Err(refusal.into()),
        None => Ok(()),
    }
}

/// The same in another room, which whoever asks calls so.
///
/// # Errors
/// With who may, for whoever may not do it there.
pub fn check_there(scene: &Scene<'_>, room: &RoomId, called: &str) -> Result<(), Refusal> {
    let its = role::there(scene, room).unwrap_or(Role::Guest);
    let deed = Deed::SpeakIn(called);
    match deed.is_for(its) {
        true => Ok(()),
        false => Err(deed.refused(its, "ask one of them")),
    }
}

/// The same where nothing but the role is known.
///
/// # Errors
/// With who may, for whoever may not do it.
pub fn check_role(role: Role, deed: Deed<'_>) -> Result<(), Refusal> {
    match deed.is_for(role) {
        true => Ok(()),
        false => Err(deed.refused(role, &format!("ask {}", deed.needs().with_article()))),
    }
}

/// The role that somebody needs to take this back: who could not do it now does not undo it either.
pub fn to_take_back(change: &Change, person: &PersonId) -> Role {
    let trackers = change
        .steps
        .iter()
        .filter_map(|step| step.before.as_ref().or(step.after.as_ref()));
    let steps = trackers.map(|tracker| match tracker.by.id == *person {
        true => Role::Member,
        false => Role::Owner,
    });
    let all = steps.chain(change.also.iter().map(needs));
    all.max().unwrap_or(Role::Member)
}

/// The same for what was done beside trackers.
fn needs(step: &Also) -> Role {
    match step {
        Also::Role {
            room,
            before,
            after,
            ..
        } => {
            let moved = [before, after].into_iter().flatten().map(|row| row.role);
            let least = match room.room.is_empty() {
                true => Role::Operator,
                false => Role::Owner,
            };
            moved.max().unwrap_or(least).max(least)
        }
        Also::Mute { .. } | Also::Room { .. } => Role::Owner,
        Also::Release { tracker, .. } | Also::Drop { tracker, .. } => match tracker {
            Some(_) => Role::Member,
            None => Role::Owner,
        },
    }
}

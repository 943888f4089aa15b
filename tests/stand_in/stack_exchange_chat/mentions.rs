//! Who is meant by `@name`.

use super::accounts::folded;
use super::chat::Chat;

/// What ends a name, besides white space.
const ENDS: &str = "._!?();:/+&<-";

impl Chat {
    /// Those whom a text calls by name: in the room or here lately, never the author.
    pub fn mentioned(&self, room: i64, author: i64, text: &str) -> Vec<i64> {
        let names: Vec<String> = names(text).map(|name| folded(&name)).collect();
        if names.is_empty() {
            return Vec::new();
        }
        let mut all = self.pingable(room);
        all.retain(|user| {
            let its = folded(self.name(*user));
            *user != author && names.iter().any(|name| its.starts_with(name.as_str()))
        });
        // A moderator reaches anybody by number.
        if self.moderator(Some(author)) {
            let numbers = text.split("@@").skip(1);
            let numbers = numbers.filter_map(|rest| {
                let end = rest.find(|sign: char| !sign.is_ascii_digit());
                rest[..end.unwrap_or(rest.len())].parse().ok()
            });
            all.extend(numbers.filter(|user| self.accounts.contains_key(user)));
        }
        all.sort_unstable();
        all.dedup();
        all
    }

    /// Who is in a room or was here within two weeks.
    pub fn pingable(&self, room: i64) -> Vec<i64> {
        let Some(its) = self.rooms.get(&room) else {
            return Vec::new();
        };
        let old = self.now() - self.rules.pingable * 86_400;
        let all = its.visited.iter();
        all.filter(|(user, seen)| **user > 0 && (**seen >= old || its.present.contains_key(user)))
            .map(|(user, _)| *user)
            .collect()
    }
}

/// The names in a text: three or more characters behind an `@`.
fn names(text: &str) -> impl Iterator<Item = String> {
    text.split('@').skip(1).filter_map(|rest| {
        let end = rest.find(|sign: char| sign.is_whitespace() || ENDS.contains(sign));
        let name = &rest[..end.unwrap_or(rest.len())];
        // A comma after a name is no part of any name that people have.
        let name = name.trim_end_matches(',');
        (name.chars().count() >= 3).then(|| name.to_string())
    })
}

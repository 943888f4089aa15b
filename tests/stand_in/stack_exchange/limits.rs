//! How much may be asked: quota, back-offs, thirty requests a second, nothing twice within a minute.

use std::collections::BTreeMap;

use super::refused::Refused;

/// The limits and what was used of them. Seconds are unix seconds.
pub struct Limits {
    /// Back-offs must be waited for, and nothing may be asked twice within a minute. The limit per second always holds.
    pub enforced: bool,
    /// How long an answer is given again, in seconds.
    pub remembered: i64,
    /// Requests a second.
    pub per_second: u32,
    /// A day's requests with a key and without one.
    pub quota: (i64, i64),
    second: (i64, u32),
    banned_until: i64,
    /// How often a limit was broken.
    pub offences: u32,
    wanted: BTreeMap<String, i64>,
    backing_off: BTreeMap<String, i64>,
    last: BTreeMap<String, i64>,
    /// Whose quota: the day, and what of it is used.
    used: BTreeMap<String, (i64, i64)>,
}

const DAY: i64 = 86_400;

impl Limits {
    pub fn usual() -> Limits {
        Limits {
            enforced: true,
            remembered: 60,
            per_second: 30,
            quota: (10_000, 300),
            second: (0, 0),
            banned_until: 0,
            offences: 0,
            wanted: BTreeMap::new(),
            backing_off: BTreeMap::new(),
            last: BTreeMap::new(),
            used: BTreeMap::new(),
        }
    }

    /// The next answer of this method asks for so much rest.
    pub fn wants_backoff(&mut self, method: &str, seconds: i64) {
        self.wanted.insert(method.into(), seconds);
    }

    /// Everything is refused for so long.
    pub fn ban(&mut self, now: i64, seconds: i64) {
        self.banned_until = self.banned_until.max(now + seconds);
    }

    /// From now on there are so many requests left today, for everybody.
    pub fn has_left(&mut self, now: i64, left: i64) {
        for who in ["", "key"] {
            self.used.entry(who.into()).or_default();
        }
        let quota = self.quota;
        for (who, used) in &mut self.used {
            let most = if who.is_empty() { quota.1 } else { quota.0 };
            *used = (now.div_euclid(DAY), most - left);
        }
    }

    /// A request comes; `same` is its text without the key.
    ///
    /// # Errors
    /// When it breaks a limit.
    pub fn ask(&mut self, now: i64, method: &str, same: &str) -> Result<(), Refused> {
        if now < self.banned_until {
            return Err(Refused::throttled(self.banned_until - now));
        }
        if self.second.0 != now {
            self.second = (now, 0);
        }
        self.second.1 += 1;
        if self.second.1 > self.per_second {
            return Err(self.offence(now, 30));
        }
        if !self.enforced {
            return Ok(());
        }
        // The last second belongs to it.
        if let Some(until) = self
            .backing_off
            .get(method)
            .copied()
            .filter(|until| now <= *until)
        {
            return Err(self.offence(now, until - now + 10));
        }
        let last = self.last.insert(same.into(), now);
        if let Some(age) = last.map(|last| now - last).filter(|age| *age < 60) {
            return Err(self.offence(now, 60 - age));
        }
        if self.last.len() > 10_000 {
            self.last.retain(|_, last| now - *last < 60);
        }
        Ok(())
    }

    /// Takes one of the day's requests; gives the quota and what is left of it.
    ///
    /// # Errors
    /// When nothing is left.
    pub fn take(
        &mut self,
        now: i64,
        key: Option<&str>,
        token: Option<&str>,
    ) -> Result<(i64, i64), Refused> {
        let (who, most) = match (key, token) {
            (_, Some(token)) => (format!("token {token}"), self.quota.0),
            (Some(_), None) => ("key".to_string(), self.quota.0),
            (None, None) => (String::new(), self.quota.1),
        };
        let today = now.div_euclid(DAY);
        let used = self.used.entry(who).or_insert((today, 0));
        if used.0 != today {
            *used = (today, 0);
        }
        if used.1 >= most {
            return Err(Refused::throttled((today + 1) * DAY - now));
        }
        used.1 += 1;
        Ok((most, most - used.1))
    }

    /// The rest that an answer of this method asks for, if it does.
    pub fn backoff(&mut self, now: i64, method: &str) -> Option<i64> {
        let seconds = self.wanted.remove(method)?;
        self.backing_off.insert(method.into(), now + seconds);
        Some(seconds)
    }

    /// Who breaks limits again and again waits longer and longer.
    fn offence(&mut self, now: i64, seconds: i64) -> Refused {
        self.offences += 1;
        let seconds = seconds << (self.offences - 1).min(4);
        self.ban(now, seconds);
        Refused::throttled(seconds)
    }
}

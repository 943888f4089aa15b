//! A small server of IRC over real sockets, which breaks when it is told to: for what ngircd does not have.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use boson::clock::Clock;
use boson::room::irc::line::Line;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};

#[path = "irc_scram.rs"]
mod scram;

/// What the server can do.
#[derive(Clone, Debug)]
pub struct Settings {
    pub caps: Vec<&'static str>,
    /// Names of accounts and their passwords.
    pub accounts: Vec<(&'static str, &'static str)>,
    /// It can log people in without seeing their passwords; whether it proves that it knows them.
    pub scram: Option<bool>,
    /// It knows an account by a certificate; whether that was the last that somebody showed.
    pub certificate: Option<Arc<AtomicBool>>,
    /// It knows no capabilities at all.
    pub old: bool,
    /// So many lines within ten seconds are too many.
    pub flood: Option<usize>,
    /// More of what it says of itself.
    pub says: &'static str,
}

/// All that it can do.
pub const ALL: &[&str] = &[
    "account-tag",
    "batch",
    "draft/chathistory",
    "echo-message",
    "extended-join",
    "labeled-response",
    "message-tags",
    "multi-prefix",
    "server-time",
];

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            caps: ALL.to_vec(),
            accounts: Vec::new(),
            scram: None,
            certificate: None,
            old: false,
            flood: None,
            says: "CHATHISTORY=50 MSGREFTYPES=msgid,timestamp MONITOR=100",
        }
    }
}

/// What goes wrong with the next message of a client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The connection breaks before anybody reads it.
    Before,
    /// Everybody reads it, and then the connection breaks.
    After,
    /// Nobody may speak.
    Refused,
    /// Everybody reads it, and the server says nothing any more.
    Silence,
}

/// How a connection ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    Close,
    /// With some last words.
    Error(&'static str),
    /// Nothing comes and nothing is taken any more.
    Silence,
}

/// A message that stands in a channel.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    pub id: String,
    pub at: DateTime<Utc>,
    pub source: String,
    pub target: String,
    pub text: String,
    /// The message that it answers.
    pub reply: Option<String>,
}

#[derive(Clone)]
pub struct Server {
    pub port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    settings: Settings,
    clock: Clock,
    clients: BTreeMap<u64, Client>,
    channels: HashMap<String, Channel>,
    past: Vec<Stored>,
    ids: u64,
    faults: Vec<Fault>,
    /// Every line that came over sockets.
    came: Vec<String>,
    /// Nobody gets in, and these are the last words.
    shut: Option<&'static str>,
    /// Somebody logs in without showing the password.
    hidden: bool,
    begun: Option<scram::Begun>,
}

#[derive(Default)]
struct Channel {
    members: BTreeMap<u64, char>,
    key: Option<String>,
    banned: BTreeSet<String>,
    moderated: bool,
}

struct Client {
    nick: String,
    user: String,
    account: Option<String>,
    caps: BTreeSet<String>,
    negotiating: bool,
    welcome: bool,
    lines: Vec<DateTime<Utc>>,
    /// None for people without a socket.
    out: Option<mpsc::UnboundedSender<String>>,
    cut: watch::Sender<Option<Cut>>,
}

impl Client {
    fn source(&self) -> String {
        format!("{}!{}@host", self.nick, self.user)
    }
}

impl Server {
    pub async fn start(settings: Settings, clock: Clock) -> Server {
        Server::on(settings, clock, |stream| async move { Some(stream) }).await
    }

    /// The same with something between the socket and the server, such as encryption.
    pub async fn on<S, F, W>(settings: Settings, clock: Clock, wrap: W) -> Server
    where
        W: Fn(tokio::net::TcpStream) -> F + Send + Sync + 'static,
        F: Future<Output = Option<S>> + Send,
        S: AsyncRead + AsyncWrite + Send + 'static,
    {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            settings,
            clock,
            clients: BTreeMap::new(),
            channels: HashMap::new(),
            past: Vec::new(),
            ids: 0,
            faults: Vec::new(),
            came: Vec::new(),
            shut: None,
            hidden: false,
            begun: None,
        }));
        let server = Server { port, state };
        let wrap = Arc::new(wrap);
        let served = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (served, wrap) = (served.clone(), wrap.clone());
                tokio::spawn(async move {
                    stream.set_nodelay(true).unwrap();
                    if let Some(stream) = wrap(stream).await {
                        served.serve(stream).await;
                    }
                });
            }
        });
        server
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    async fn serve<S: AsyncRead + AsyncWrite + Send + 'static>(&self, stream: S) {
        let (mut reader, mut writer) = tokio::io::split(stream);
        let (out, mut outs) = mpsc::unbounded_channel::<String>();
        let (cut, mut cuts) = watch::channel(None);
        let number = self.state().enter("*", Some(out), cut);
        let shut = self.state().shut;
        if let Some(words) = shut {
            let _ = writer
                .write_all(format!("ERROR :{words}\r\n").as_bytes())
                .await;
            self.state().quit(number, "shut");
            // Whoever closes with something unread takes back what was said last.
            let _ = writer.shutdown().await;
            let mut rest = vec![0; 65_536];
            while matches!(reader.read(&mut rest).await, Ok(1..)) {}
            return;
        }
        let mut came = Vec::new();
        let mut buffer = vec![0; 65_536];
        let how = loop {
            tokio::select! {
                biased;
                changed = cuts.changed() => match changed {
                    Ok(()) => break *cuts.borrow(),
                    Err(_) => break None,
                },
                Some(mut line) = outs.recv() => {
                    while let Ok(more) = outs.try_recv() {
                        line.push_str(&more);
                    }
                    if writer.write_all(line.as_bytes()).await.is_err() || writer.flush().await.is_err() {
                        break None;
                    }
                }
                read = reader.read(&mut buffer) => match read {
                    Ok(0) | Err(_) => break None,
                    Ok(count) => {
                        came.extend_from_slice(&buffer[..count]);
                        while let Some(length) = came.iter().position(|byte| *byte == b'\n') {
                            let line: Vec<u8> = came.drain(..=length).collect();
                            if cuts.borrow().is_none() {
                                self.state().take(number, &line);
                            }
                        }
                    }
                },
            }
        };
        // What was written before goes out, what comes after does not.
        if how != Some(Cut::Silence) {
            while let Ok(line) = outs.try_recv() {
                let _ = writer.write_all(line.as_bytes()).await;
            }
        }
        self.state().quit(number, "gone");
        match how {
            Some(Cut::Silence) => {
                // Nothing is heard of it until the other side gives up.
                while matches!(reader.read(&mut buffer).await, Ok(1..)) {}
            }
            Some(Cut::Error(words)) => {
                let _ = writer
                    .write_all(format!("ERROR :{words}\r\n").as_bytes())
                    .await;
                let _ = writer.shutdown().await;
                while matches!(reader.read(&mut buffer).await, Ok(1..)) {}
            }
            Some(Cut::Close) | None => {}
        }
    }

    /// Somebody is there, without a socket.
    pub fn person(&self, nick: &str) {
        let (cut, _) = watch::channel(None);
        let mut state = self.state();
        let number = state.enter(nick, None, cut);
        let client = state.clients.get_mut(&number).unwrap();
        client.user = nick.into();
        client.welcome = true;
    }

    /// They are logged in.
    pub fn account(&self, nick: &str, account: &str) {
        let mut state = self.state();
        let number = state.number(nick).unwrap();
        state.clients.get_mut(&number).unwrap().account = Some(account.into());
    }

    /// They enter a channel; who does so first is its operator.
    pub fn join(&self, nick: &str, channel: &str) {
        let mut state = self.state();
        let number = state.number(nick).unwrap();
        state.join(number, channel, None);
    }

    pub fn say(&self, nick: &str, target: &str, text: &str) -> String {
        self.answer(nick, target, text, None)
    }

    /// They say something, as an answer to a message.
    pub fn answer(&self, nick: &str, target: &str, text: &str, reply: Option<&str>) -> String {
        let mut state = self.state();
        let number = state.number(nick).unwrap();
        state.say(number, target, text, reply.map(String::from), None)
    }

    /// They send any line, in the name of whoever is there.
    pub fn send(&self, nick: &str, line: &str) {
        let mut state = self.state();
        let number = state.number(nick).unwrap();
        state.take(number, line.as_bytes());
    }

    /// The server sends a line to everybody with a socket.
    pub fn tell(&self, line: &str) {
        let state = self.state();
        for out in state
            .clients
            .values()
            .filter_map(|client| client.out.as_ref())
        {
            let _ = out.send(format!("{line}\r\n"));
        }
    }

    pub fn set_key(&self, channel: &str, key: &str) {
        self.state().channels.get_mut(channel).unwrap().key = Some(key.into());
    }

    pub fn ban(&self, channel: &str, nick: &str, banned: bool) {
        let mut state = self.state();
        let its = &mut state.channels.get_mut(channel).unwrap().banned;
        match banned {
            true => its.insert(nick.into()),
            false => its.remove(nick),
        };
    }

    /// Only operators and who has a voice may speak anywhere, and people without a socket.
    pub fn moderate(&self, moderated: bool) {
        for channel in self.state().channels.values_mut() {
            channel.moderated = moderated;
        }
    }

    pub fn fail(&self, fault: Fault) {
        self.state().faults.push(fault);
    }

    /// Ends all connections.
    pub fn cut(&self, how: Cut) {
        for client in self
            .state()
            .clients
            .values()
            .filter(|client| client.out.is_some())
        {
            client.cut.send_replace(Some(how));
        }
    }

    /// From now on it knows nobody by a certificate.
    pub fn forget_certificates(&self) {
        self.state().settings.certificate = None;
    }

    /// Nobody gets in any more, or they do again.
    pub fn shut(&self, words: Option<&'static str>) {
        self.state().shut = words;
    }

    pub fn is_in(&self, nick: &str, channel: &str) -> bool {
        let state = self.state();
        let channel = state.channels.get(channel);
        state.number(nick).is_some_and(|number| {
            channel.is_some_and(|channel| channel.members.contains_key(&number))
        })
    }

    /// Whether somebody of that nick is there.
    pub fn is_there(&self, nick: &str) -> bool {
        self.state().number(nick).is_some()
    }

    /// What stands in a channel, or was said to somebody.
    pub fn past(&self, target: &str) -> Vec<Stored> {
        let state = self.state();
        let there = state.past.iter().filter(|stored| stored.target == target);
        there.cloned().collect()
    }

    /// What nicks that begin like this have said there.
    pub fn said(&self, target: &str, begins: &str) -> Vec<Stored> {
        let mut past = self.past(target);
        past.retain(|stored| stored.source.starts_with(begins));
        past
    }

    /// The lines that came over sockets.
    pub fn came(&self) -> Vec<String> {
        self.state().came.clone()
    }
}

impl State {
    fn enter(
        &mut self,
        nick: &str,
        out: Option<mpsc::UnboundedSender<String>>,
        cut: watch::Sender<Option<Cut>>,
    ) -> u64 {
        self.ids += 1;
        let client = Client {
            nick: nick.into(),
            user: "*".into(),
            account: None,
            caps: BTreeSet::new(),
            negotiating: false,
            welcome: false,
            lines: Vec::new(),
            out,
            cut,
        };
        self.clients.insert(self.ids, client);
        self.ids
    }

    fn number(&self, nick: &str) -> Option<u64> {
        let mut all = self.clients.iter();
        let same = |client: &Client| client.nick.eq_ignore_ascii_case(nick) && client.nick != "*";
        all.find(|(_, client)| same(client))
            .map(|(number, _)| *number)
    }

    fn out(&self, number: u64, line: &str) {
        if let Some(out) = &self.clients[&number].out {
            // It may be gone.
            let _ = out.send(format!("{line}\r\n"));
        }
    }

    fn numeric(&self, number: u64, code: &str, rest: &str) {
        let nick = &self.clients[&number].nick;
        self.out(number, &format!(":irc.test {code} {nick} {rest}"));
    }

    /// A line of one client.
    fn take(&mut self, number: u64, bytes: &[u8]) {
        let Some(line) = Line::read(bytes) else {
            return;
        };
        if self.clients[&number].out.is_some() {
            self.came
                .push(String::from_utf8_lossy(bytes).trim_end().to_string());
            let now = self.clock.now();
            let flood = self.settings.flood;
            let client = self.clients.get_mut(&number).unwrap();
            client.lines.retain(|at| now - *at < TimeDelta::seconds(10));
            client.lines.push(now);
            if client.welcome && flood.is_some_and(|most| client.lines.len() > most) {
                client
                    .cut
                    .send_replace(Some(Cut::Error("Closing Link: (Excess Flood)")));
                return;
            }
        }
        let (first, last) = (line.param(0).to_string(), line.last().to_string());
        match line.command.as_str() {
            "CAP" if !self.settings.old => self.cap(number, &first, &last),
            "AUTHENTICATE" => self.authenticate(number, &last),
            "NICK" => self.nick(number, &last),
            "USER" => {
                self.clients.get_mut(&number).unwrap().user = first;
                self.welcome(number);
            }
            "PING" => self.out(number, &format!(":irc.test PONG irc.test :{last}")),
            "JOIN" => {
                let mut keys = line.param(1).split(',');
                for channel in first.split(',') {
                    self.join(number, channel, keys.next());
                }
            }
            "PART" => {
                self.tell_channel(&first, None, &format!("PART {first}"), number);
                if let Some(channel) = self.channels.get_mut(&first) {
                    channel.members.remove(&number);
                }
            }
            "KICK" => {
                let Some(other) = self.number(line.param(1)) else {
                    return;
                };
                self.tell_channel(
                    &first,
                    None,
                    &format!("KICK {first} {} :out", line.param(1)),
                    number,
                );
                self.channels
                    .get_mut(&first)
                    .unwrap()
                    .members
                    .remove(&other);
            }
            "MODE" => {
                let Some(other) = self.number(line.param(2)) else {
                    return;
                };
                let member = match line.param(1) {
                    "+o" => 'o',
                    "+v" => 'v',
                    _ => ' ',
                };
                self.channels
                    .get_mut(&first)
                    .unwrap()
                    .members
                    .insert(other, member);
                let words = format!("MODE {first} {} {}", line.param(1), line.param(2));
                self.tell_channel(&first, None, &words, number);
            }
            "INVITE" => {
                if let Some(other) = self.number(&first) {
                    let source = self.clients[&number].source();
                    self.out(
                        other,
                        &format!(":{source} INVITE {first} :{}", line.param(1)),
                    );
                }
            }
            "PRIVMSG" => self.privmsg(number, &line),
            "NOTICE" => {
                self.say(number, &first, &format!("NOTICE {last}"), None, None);
            }
            "CHATHISTORY" => self.history(number, &line),
            "ISON" => {
                let there = self.number(&last).map_or("", |_| last.as_str());
                self.numeric(number, "303", &format!(":{there}"));
            }
            "WHOIS" => {
                match self.number(&first).map(|other| &self.clients[&other]) {
                    Some(other) => {
                        let who = format!("{} {} host * :x", other.nick, other.user);
                        let nick = other.nick.clone();
                        let account = other.account.clone();
                        self.numeric(number, "311", &who);
                        if let Some(account) = account {
                            let words = format!("{nick} {account} :is logged in as");
                            self.numeric(number, "330", &words);
                        }
                    }
                    None => self.numeric(number, "401", &format!("{first} :No such nick")),
                }
                self.numeric(number, "318", &format!("{first} :End of /WHOIS list"));
            }
            "QUIT" => {
                let cut = &self.clients[&number].cut;
                cut.send_replace(Some(Cut::Close));
                if self.clients[&number].out.is_none() {
                    self.quit(number, "bye");
                }
            }
            _ => {
                let command = line.command.clone();
                self.numeric(number, "421", &format!("{command} :Unknown command"));
            }
        }
    }

    fn cap(&mut self, number: u64, what: &str, last: &str) {
        let nick = self.clients[&number].nick.clone();
        match what {
            "LS" => {
                let mut all: Vec<String> = self
                    .settings
                    .caps
                    .iter()
                    .map(|cap| cap.to_string())
                    .collect();
                if self.settings.certificate.is_some() {
                    all.push("sasl=PLAIN,EXTERNAL".into());
                }
                if !self.settings.accounts.is_empty() {
                    let scram = self.settings.scram.map(|_| ",SCRAM-SHA-256");
                    all.push(format!("sasl=PLAIN{}", scram.unwrap_or_default()));
                }
                self.clients.get_mut(&number).unwrap().negotiating = true;
                // In two lines, as servers do that have many.
                self.out(
                    number,
                    &format!(":irc.test CAP {nick} LS * :unknown/one unknown/two=a,b"),
                );
                self.out(
                    number,
                    &format!(":irc.test CAP {nick} LS :{}", all.join(" ")),
                );
            }
            "REQ" => {
                let client = self.clients.get_mut(&number).unwrap();
                client
                    .caps
                    .extend(last.split_whitespace().map(String::from));
                self.out(number, &format!(":irc.test CAP {nick} ACK :{last}"));
            }
            "END" => {
                self.clients.get_mut(&number).unwrap().negotiating = false;
                self.welcome(number);
            }
            _ => {}
        }
    }

    fn authenticate(&mut self, number: u64, word: &str) {
        if word == "PLAIN" || word == "SCRAM-SHA-256" {
            self.hidden = word != "PLAIN";
            return self.out(number, "AUTHENTICATE +");
        }
        if word == "EXTERNAL" {
            return self.out(number, "AUTHENTICATE +");
        }
        if word == "+" && self.settings.certificate.is_some() {
            return self.authenticate_by_certificate(number);
        }
        let plain = STANDARD.decode(word).unwrap_or_default();
        let plain = String::from_utf8_lossy(&plain).into_owned();
        if self.hidden {
            return self.authenticate_hidden(number, &plain);
        }
        let mut parts = plain.split('\0').skip(1);
        let (account, password) = (
            parts.next().unwrap_or_default(),
            parts.next().unwrap_or_default(),
        );
        match self.settings.accounts.contains(&(account, password)) {
            true => {
                self.clients.get_mut(&number).unwrap().account = Some(account.into());
                self.numeric(
                    number,
                    "900",
                    &format!("* {account} :You are now logged in"),
                );
                self.numeric(number, "903", ":SASL authentication successful");
            }
            false => self.numeric(number, "904", ":SASL authentication failed"),
        }
    }

    fn authenticate_by_certificate(&mut self, number: u64) {
        let shown = &self.settings.certificate;
        match shown
            .as_ref()
            .is_some_and(|shown| shown.load(Ordering::SeqCst))
        {
            true => {
                self.clients.get_mut(&number).unwrap().account = Some("boson".into());
                self.numeric(number, "900", "* boson :You are now logged in");
                self.numeric(number, "903", ":SASL authentication successful");
            }
            false => self.numeric(number, "904", ":SASL authentication failed"),
        }
    }

    fn authenticate_hidden(&mut self, number: u64, said: &str) {
        if let Some((begun, answer)) = scram::Begun::new(said) {
            self.begun = Some(begun);
            return self.out(number, &format!("AUTHENTICATE {}", STANDARD.encode(answer)));
        }
        let Some(begun) = &self.begun else {
            return self.numeric(number, "904", ":SASL authentication failed");
        };
        let account = begun.account.clone();
        if said.is_empty() {
            self.clients.get_mut(&number).unwrap().account = Some(account);
            return self.numeric(number, "903", ":SASL authentication successful");
        }
        let mut accounts = self.settings.accounts.iter();
        let known = accounts.find(|(name, _)| *name == account);
        match known.and_then(|(_, password)| begun.end(said, password)) {
            Some(_) if self.settings.scram == Some(false) => {
                self.numeric(number, "903", ":SASL authentication successful");
            }
            Some(proof) => self.out(number, &format!("AUTHENTICATE {}", STANDARD.encode(proof))),
            None => self.numeric(number, "904", ":SASL authentication failed"),
        }
    }

    fn nick(&mut self, number: u64, nick: &str) {
        if self.number(nick).is_some_and(|other| other != number) {
            return self.numeric(
                number,
                "433",
                &format!("{nick} :Nickname is already in use"),
            );
        }
        let client = &self.clients[&number];
        if client.welcome {
            let words = format!(":{} NICK {nick}", client.source());
            let others: BTreeSet<u64> = self
                .channels
                .values()
                .filter(|channel| channel.members.contains_key(&number))
                .flat_map(|channel| channel.members.keys().copied())
                .chain([number])
                .collect();
            for other in others {
                self.out(other, &words);
            }
        }
        self.clients.get_mut(&number).unwrap().nick = nick.into();
        self.welcome(number);
    }

    fn welcome(&mut self, number: u64) {
        let says = self.settings.says;
        let client = self.clients.get_mut(&number).unwrap();
        if client.welcome || client.negotiating || client.nick == "*" || client.user == "*" {
            return;
        }
        client.welcome = true;
        client.lines.clear();
        let source = client.source();
        self.numeric(number, "001", &format!(":Welcome {source}"));
        self.numeric(number, "005", &format!("PREFIX=(ov)@+ CHANTYPES=# CHANMODES=b,k,l,im CASEMAPPING=ascii {says} :are supported"));
        self.numeric(number, "422", ":MOTD File is missing");
    }

    fn join(&mut self, number: u64, name: &str, key: Option<&str>) {
        let nick = self.clients[&number].nick.clone();
        let channel = self.channels.entry(name.into()).or_default();
        if channel.banned.contains(&nick) {
            return self.numeric(number, "474", &format!("{name} :Cannot join channel (+b)"));
        }
        if channel.key.is_some() && channel.key.as_deref() != key {
            return self.numeric(number, "475", &format!("{name} :Cannot join channel (+k)"));
        }
        let first = channel.members.is_empty();
        channel
            .members
            .insert(number, if first { 'o' } else { ' ' });
        let account = self.clients[&number]
            .account
            .clone()
            .unwrap_or_else(|| "*".into());
        let source = self.clients[&number].source();
        for member in self.channels[name].members.keys() {
            let extended = self.clients[member].caps.contains("extended-join");
            let rest = if extended {
                format!(" {account} :somebody")
            } else {
                String::new()
            };
            self.out(*member, &format!(":{source} JOIN {name}{rest}"));
        }
        let names = self.channels[name].members.iter().map(|(number, mode)| {
            let sign = match mode {
                'o' => "@",
                'v' => "+",
                _ => "",
            };
            format!("{sign}{}", self.clients[number].nick)
        });
        let names: Vec<String> = names.collect();
        self.numeric(number, "353", &format!("= {name} :{}", names.join(" ")));
        self.numeric(number, "366", &format!("{name} :End of NAMES list"));
    }

    /// Tells everybody in a channel, except for one.
    fn tell_channel(&self, channel: &str, except: Option<u64>, words: &str, from: u64) {
        let source = self.clients[&from].source();
        for member in self
            .channels
            .get(channel)
            .into_iter()
            .flat_map(|channel| channel.members.keys())
        {
            if Some(*member) != except {
                self.out(*member, &format!(":{source} {words}"));
            }
        }
    }

    fn privmsg(&mut self, number: u64, line: &Line) {
        let (target, text) = (line.param(0).to_string(), line.last().to_string());
        let label = line.tag("label").map(String::from);
        let fault = (!self.faults.is_empty()).then(|| self.faults.remove(0));
        let refused = fault == Some(Fault::Refused);
        let tag = match &label {
            Some(label) => format!("@label={label} "),
            None => String::new(),
        };
        let nick = self.clients[&number].nick.clone();
        if target.starts_with('#') {
            let channel = self.channels.get(&target);
            let member = channel.and_then(|channel| channel.members.get(&number));
            let moderated = channel.is_some_and(|channel| channel.moderated);
            if refused || member.is_none() || (moderated && member == Some(&' ')) {
                return self.out(
                    number,
                    &format!("{tag}:irc.test 404 {nick} {target} :Cannot send to channel"),
                );
            }
        } else if let Some(words) = text.strip_prefix("PLAY ").filter(|_| target == "*playback") {
            return self.playback(number, words);
        } else if self.number(&target).is_none() && target != "NickServ" {
            return self.out(
                number,
                &format!("{tag}:irc.test 401 {nick} {target} :No such nick"),
            );
        }
        if fault == Some(Fault::Before) {
            self.clients[&number].cut.send_replace(Some(Cut::Close));
            return;
        }
        if matches!(fault, Some(Fault::After | Fault::Silence)) {
            // Its sender sees nothing of it.
            let out = self.clients.get_mut(&number).unwrap().out.take();
            self.say(
                number,
                &target,
                &text,
                line.tag("+draft/reply").map(String::from),
                label,
            );
            let client = self.clients.get_mut(&number).unwrap();
            client.out = out;
            let cut = if fault == Some(Fault::After) {
                Cut::Close
            } else {
                Cut::Silence
            };
            client.cut.send_replace(Some(cut));
            return;
        }
        self.say(
            number,
            &target,
            &text,
            line.tag("+draft/reply").map(String::from),
            label,
        );
    }

    fn say(
        &mut self,
        number: u64,
        target: &str,
        text: &str,
        reply: Option<String>,
        label: Option<String>,
    ) -> String {
        self.ids += 1;
        let stored = Stored {
            id: format!("m{}", self.ids),
            at: self.clock.now(),
            source: self.clients[&number].source(),
            target: target.into(),
            text: text.into(),
            reply,
        };
        let account = self.clients[&number].account.clone();
        let to: Vec<u64> = match self.channels.get(target) {
            Some(channel) => channel
                .members
                .keys()
                .copied()
                .filter(|member| *member != number)
                .collect(),
            None => self.number(target).into_iter().collect(),
        };
        for member in to {
            let line = self.shown(member, &stored, account.as_deref(), None, None);
            self.out(member, &line);
        }
        if self.clients[&number].caps.contains("echo-message") {
            let line = self.shown(number, &stored, account.as_deref(), None, label.as_deref());
            self.out(number, &line);
        }
        let id = stored.id.clone();
        self.past.push(stored);
        id
    }

    /// A message as a client gets it.
    fn shown(
        &self,
        to: u64,
        stored: &Stored,
        account: Option<&str>,
        batch: Option<&str>,
        label: Option<&str>,
    ) -> String {
        let caps = &self.clients[&to].caps;
        let mut tags = Vec::new();
        if caps.contains("server-time") {
            let at = stored.at.to_rfc3339_opts(SecondsFormat::Millis, true);
            tags.push(format!("time={at}"));
        }
        if caps.contains("message-tags") {
            tags.push(format!("msgid={}", stored.id));
            tags.extend(
                stored
                    .reply
                    .as_ref()
                    .map(|reply| format!("+draft/reply={reply}")),
            );
        }
        if caps.contains("account-tag") {
            tags.extend(account.map(|account| format!("account={account}")));
        }
        tags.extend(batch.map(|batch| format!("batch={batch}")));
        if caps.contains("labeled-response") {
            tags.extend(label.map(|label| format!("label={label}")));
        }
        let tags = if tags.is_empty() {
            String::new()
        } else {
            format!("@{} ", tags.join(";"))
        };
        let (command, text) = match stored.text.strip_prefix("NOTICE ") {
            Some(text) => ("NOTICE", text),
            None => ("PRIVMSG", stored.text.as_str()),
        };
        format!(
            "{tags}:{} {command} {} :{text}",
            stored.source, stored.target
        )
    }

    /// What a module of ZNC gives: `#channel 1763716800.123`.
    fn playback(&mut self, number: u64, words: &str) {
        let (target, since) = words.split_once(' ').unwrap();
        let since: f64 = since.parse().unwrap();
        let since = DateTime::from_timestamp_micros((since * 1e6) as i64).unwrap();
        let after = |stored: &&Stored| stored.target == target && stored.at > since;
        let after: Vec<Stored> = self.past.iter().filter(after).cloned().collect();
        self.give(number, "znc.in/playback", target, &after);
    }

    fn history(&mut self, number: u64, line: &Line) {
        let target = line.param(1).to_string();
        let (kind, value) = line.param(2).split_once('=').unwrap_or_default();
        let most: usize = line.param(3).parse().unwrap_or(50);
        let me = self.clients[&number].nick.clone();
        let there = |stored: &&Stored| {
            let direct = stored.target == me && stored.source.starts_with(&format!("{target}!"));
            stored.target == target || direct
        };
        let past: Vec<Stored> = self.past.iter().filter(there).cloned().collect();
        let after: Vec<Stored> = match kind {
            "msgid" => {
                let place = past
                    .iter()
                    .position(|stored| stored.id == value)
                    .map_or(past.len(), |place| place + 1);
                past[place..].to_vec()
            }
            _ => {
                let since: DateTime<Utc> = value.parse().unwrap();
                past.into_iter()
                    .filter(|stored| stored.at > since)
                    .collect()
            }
        };
        self.give(
            number,
            "chathistory",
            &target,
            &after[..after.len().min(most)],
        );
    }

    fn give(&mut self, number: u64, kind: &str, target: &str, past: &[Stored]) {
        self.ids += 1;
        let batch = format!("b{}", self.ids);
        if past.is_empty() && kind != "chathistory" {
            return;
        }
        self.out(number, &format!(":irc.test BATCH +{batch} {kind} {target}"));
        for stored in past {
            let line = self.shown(number, stored, None, Some(&batch), None);
            self.out(number, &line);
        }
        self.out(number, &format!(":irc.test BATCH -{batch}"));
    }

    fn quit(&mut self, number: u64, why: &str) {
        let Some(client) = self.clients.get(&number) else {
            return;
        };
        let words = format!(":{} QUIT :{why}", client.source());
        let others: BTreeSet<u64> = self
            .channels
            .values()
            .filter(|channel| channel.members.contains_key(&number))
            .flat_map(|channel| channel.members.keys().copied())
            .filter(|other| *other != number)
            .collect();
        for other in others {
            self.out(other, &words);
        }
        for channel in self.channels.values_mut() {
            channel.members.remove(&number);
        }
        self.clients.remove(&number);
    }
}

//! How many `echo`s a second go over a connection of IRC, to a small server without any flood control, and how long one
//! takes that is typed among few others and among many.
//!
//! `cargo bench --bench irc`, or `cargo bench --bench irc -- rate` for the first alone.

mod people;
#[allow(dead_code, reason = "other benches need more of it")]
mod rig;

use std::collections::VecDeque;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use boson::bot::{Bot, Pace};
use boson::clock::Clock;
use boson::http::{self, Cipher, Http};
use boson::room::irc::{self, Channel, Flood, Irc, Settings};
use boson::store::Store;

const CHANNELS: usize = 20;
/// Commands that are not yet answered.
const FLIGHT: usize = 64;

/// What is typed, and when.
#[derive(Clone, Copy)]
enum Typing {
    /// So many, and always some that are not yet answered.
    Always(usize),
    /// So many a second, for so many seconds.
    Paced(usize, usize),
}

/// What came of it.
struct Outcome {
    took: Duration,
    /// The processor's time of the bot alone, without those who type and the server.
    spent: Duration,
    /// From typing to the answer, sorted.
    latencies: Vec<Duration>,
    /// Memory at the beginning and at the end, in MiB.
    memory: (f64, f64),
}

fn main() {
    let runtime = rig::runtime();
    let (messages, rounds, seconds) = match rig::measures() {
        true => (300_000, 5, 60),
        false => (2_000, 1, 1),
    };
    let (mut rate, mut spent) = <(rig::Rounds, rig::Rounds)>::default();
    for _ in 0..rounds {
        let outcome = runtime.block_on(talk(Typing::Always(messages)));
        rate.push(messages as f64 / outcome.took.as_secs_f64());
        spent.push(outcome.spent.as_secs_f64() * 1e6 / messages as f64);
    }
    println!("an echo takes the bot {} of a processor", spent.words("µs"));
    rig::tell(
        "echo over IRC, 64 in flight in 20 channels",
        &rate.words("echos/s"),
        "at least 70000",
        rate.median() >= 70_000.0,
    );
    if std::env::args().any(|arg| arg == "rate") {
        return;
    }
    for (pace, seconds) in [(50, seconds.min(20)), (1_000, seconds)] {
        let outcome = runtime.block_on(talk(Typing::Paced(pace, seconds)));
        let at = |part: f64| {
            let place = ((outcome.latencies.len() - 1) as f64 * part) as usize;
            outcome.latencies[place].as_secs_f64() * 1_000.0
        };
        let (before, after) = outcome.memory;
        rig::tell(
            &format!(
                "{} commands at {pace} a second, all answered once",
                outcome.latencies.len()
            ),
            &format!(
                "p50 {:.2} ms, p99 {:.2} ms, memory {before:.1} MiB and then {after:.1} MiB",
                at(0.5),
                at(0.99)
            ),
            "p99 under 3 ms, memory within 4 MiB",
            at(0.99) < 3.0 && after - before < 4.0,
        );
    }
}

/// A bot on a server of its own, to which people type.
async fn talk(typing: Typing) -> Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = listener.local_addr().expect("it is bound").port();
    let channels: Vec<Channel> = (0..CHANNELS)
        .filter_map(|n| Channel::read(&format!("#room{n}")))
        .collect();
    let rooms = irc::rooms("irc", &channels);
    let settings = Settings {
        name: "irc".into(),
        bot: "boson".into(),
        server: http::Server {
            host: "127.0.0.1".into(),
            port,
            cipher: Cipher::None,
            identity: None,
        },
        nick: "boson".into(),
        user: "boson".into(),
        realname: "Boson".into(),
        server_password: None,
        login: None,
        channels,
        flood: Flood {
            off: true,
            ..Flood::default()
        },
        invitations: false,
    };
    let http = Http::new(http::Settings::default(), Clock::Real).expect("a door");
    let platform = Irc::open(settings, http.clone(), Clock::Real);
    let mut setup = rig::setup(Arc::new(platform), rooms, Store::memory(), http);
    setup.pace = Pace {
        commands: 1_000_000,
        within: Duration::from_secs(1),
    };
    let bot = Bot::new(setup).await.expect("a bot over a sound store");
    let stop = bot.stopper();
    let people = async move {
        let talking = tokio::task::spawn_blocking(move || {
            let (stream, _) = listener.accept().expect("the bot comes");
            serve(stream, typing)
        });
        let outcome = talking.await.expect("people who talk to the end");
        stop.stop();
        outcome
    };
    people::run(bot, people).await
}

/// What has been typed, and is not answered.
#[derive(Default)]
struct Asked {
    count: usize,
    /// Of each channel.
    waiting: Vec<VecDeque<(usize, Instant)>>,
}

impl Asked {
    fn ask(&mut self, out: &mut Vec<u8>) {
        let n = self.count;
        self.count += 1;
        let room = n % CHANNELS;
        self.waiting[room].push_back((n, Instant::now()));
        let person = n % 64;
        write!(
            out,
            ":p{person}!p{person}@host PRIVMSG #room{room} :@boson echo message {n} end --upper --repeat 1\r\n"
        )
        .expect("a vector");
    }
}

fn serve(stream: TcpStream, typing: Typing) -> Outcome {
    stream.set_nodelay(true).expect("a socket");
    let mut reader = stream.try_clone().expect("a socket");
    let writer = Arc::new(Mutex::new(stream));
    let asked = Arc::new(Mutex::new(Asked {
        waiting: vec![VecDeque::new(); CHANNELS],
        ..Asked::default()
    }));
    let all = match typing {
        Typing::Always(all) => all,
        Typing::Paced(pace, seconds) => pace * seconds,
    };
    let mut latencies = Vec::with_capacity(all);
    let (mut came, mut out) = (Vec::new(), Vec::new());
    let mut buffer = vec![0; 1 << 16];
    let mut inside = 0;
    let mut begun = None;
    let mut before = 0.0;
    let mut spent = Duration::ZERO;
    while latencies.len() < all {
        let count = reader.read(&mut buffer).expect("the bot stays");
        assert!(count > 0, "the bot has gone");
        came.extend_from_slice(&buffer[..count]);
        let mut from = 0;
        while let Some(length) = came[from..].iter().position(|byte| *byte == b'\n') {
            let line = std::str::from_utf8(&came[from..from + length]).expect("text");
            let line = line.trim_end();
            from += length + 1;
            let (command, rest) = line.split_once(' ').unwrap_or((line, ""));
            match command {
                "PING" => write!(out, ":s PONG s {rest}\r\n").expect("a vector"),
                "USER" => out.extend_from_slice(b":s 001 boson :hi\r\n:s 422 boson :none\r\n"),
                "JOIN" => {
                    for channel in rest.split(',') {
                        write!(out, ":boson!boson@host JOIN {channel}\r\n:s 353 boson = {channel} :boson\r\n").expect("a vector");
                        inside += 1;
                    }
                }
                "PRIVMSG" => {
                    let (channel, text) = rest.split_once(" :").expect("a message");
                    let room: usize = channel["#room".len()..].parse().expect("a number");
                    let said = text
                        .split_once("MESSAGE ")
                        .and_then(|(_, rest)| rest.split_once(' '));
                    let said = said.and_then(|(n, _)| n.parse().ok());
                    let mut asked = asked.lock().expect("nobody panics");
                    let (n, at) = asked.waiting[room].pop_front().expect("it was asked");
                    assert_eq!(said, Some(n), "{text}");
                    latencies.push(at.elapsed());
                    if matches!(typing, Typing::Always(all) if asked.count < all) {
                        asked.ask(&mut out);
                    }
                }
                _ => {}
            }
        }
        came.drain(..from);
        if inside == CHANNELS && begun.is_none() {
            begun = Some(Instant::now());
            before = resident();
            spent = others_time();
            match typing {
                Typing::Always(_) => {
                    (0..FLIGHT).for_each(|_| asked.lock().expect("nobody panics").ask(&mut out))
                }
                Typing::Paced(pace, seconds) => {
                    let (writer, asked) = (writer.clone(), asked.clone());
                    std::thread::spawn(move || type_at(pace, seconds, &writer, &asked));
                }
            }
        }
        if !out.is_empty() {
            writer
                .lock()
                .expect("nobody panics")
                .write_all(&out)
                .expect("the bot reads");
            out.clear();
        }
    }
    latencies.sort();
    Outcome {
        took: begun.expect("all are answered").elapsed(),
        spent: others_time().saturating_sub(spent),
        latencies,
        memory: (before, resident()),
    }
}

/// People who type so many commands a second.
fn type_at(pace: usize, seconds: usize, writer: &Mutex<TcpStream>, asked: &Mutex<Asked>) {
    let begun = Instant::now();
    let mut out = Vec::new();
    for n in 0..pace * seconds {
        let due = Duration::from_secs_f64(n as f64 / pace as f64);
        #[allow(clippy::disallowed_methods, reason = "people type when they like")]
        std::thread::sleep(due.saturating_sub(begun.elapsed()));
        asked.lock().expect("nobody panics").ask(&mut out);
        writer
            .lock()
            .expect("nobody panics")
            .write_all(&out)
            .expect("the bot reads");
        out.clear();
    }
}

/// The processor's time of all threads but this one, so far; nothing where the system does not tell.
fn others_time() -> Duration {
    #[cfg(unix)]
    {
        use nix::time::{ClockId, clock_gettime};
        let time = |clock| clock_gettime(clock).map_or(Duration::ZERO, Duration::from);
        let all = time(ClockId::CLOCK_PROCESS_CPUTIME_ID);
        all.saturating_sub(time(ClockId::CLOCK_THREAD_CPUTIME_ID))
    }
    #[cfg(not(unix))]
    Duration::ZERO
}

/// What the process has in memory, in MiB; 0 where the system does not tell.
fn resident() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib: f64 = line
        .and_then(|line| line.trim().split(' ').next()?.parse().ok())
        .unwrap_or_default();
    kib / 1024.0
}

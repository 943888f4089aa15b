//! How long a start with 10,000 stored trackers takes: opening the store, then loading what is in it.
//!
//! `cargo bench --bench start`

mod rig;
mod stock;

use std::time::Instant;

use boson::clock::Clock;
use boson::http::Http;
use stock::Sources;

fn main() {
    let (trackers, rounds) = if rig::measures() {
        (10_000, 7)
    } else {
        (100, 1)
    };
    let runtime = rig::runtime();
    for (sources, words) in [
        (Sources::Distinct, "sources of their own"),
        (Sources::One, "one source"),
    ] {
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on disk");
        let (mut opens, mut loads) = (rig::Rounds::default(), rig::Rounds::default());
        let mut both = rig::Rounds::default();
        runtime.block_on(async {
            stock::fill(folder.path(), trackers, sources).await;
            for _ in 0..rounds {
                let begun = Instant::now();
                let store = stock::open(folder.path()).await;
                let open = begun.elapsed().as_secs_f64() * 1_000.0;
                let (http, _stage) = Http::staged(Clock::Real);
                let begun = Instant::now();
                let (bot, _room) = rig::bot(stock::PLATFORM, store, http).await;
                let load = begun.elapsed().as_secs_f64() * 1_000.0;
                bot.close().await.expect("a store that closes in order");
                opens.push(open);
                loads.push(load);
                both.push(open + load);
            }
        });
        println!(
            "opening: {}; loading: {}",
            opens.words("ms"),
            loads.words("ms")
        );
        rig::tell(
            &format!("start with {trackers} trackers, {words}"),
            &both.words("ms"),
            "under 1000 ms",
            both.median() < 1_000.0,
        );
    }
}

//! How many times faster the index finds trackers than asking one after the other, in one process over the same
//! made-up posts and trackers; and whether both find the same.
//!
//!     cargo run --release --example bench_ratio                 1,000, 10,000 and 100,000 trackers; all gates
//!     cargo run --release --example bench_ratio -- --small      10,000 trackers; what CI asks
//!     cargo run --release --example bench_ratio -- --million    1,000,000 trackers; memory and changes, no loop
//!     cargo run --release --example bench_ratio -- 500 5000     so many trackers
//!
//! `MIX=mix` or `MIX=narrow` measures only one mix, `ITEMS=100` so many posts. It prints one line of JSON; times are
//! the thread's own processor time. It ends with 1 when the answers differ, with 2 when a gate is missed.

#[path = "../benches/made_up/mod.rs"]
mod made_up;
#[path = "bench_ratio/measure.rs"]
mod measure;
#[path = "bench_ratio/process.rs"]
mod process;

use std::process::ExitCode;

use made_up::Mix;
use measure::{Figures, Plan};
use serde_json::{Map, Value, json};

/// The least ratio for so many trackers, at the tenth percentile of the posts.
const RATIOS: [(usize, f64); 3] = [(1_000, 3.0), (10_000, 30.0), (100_000, 300.0)];
/// The least ratio that CI, whose machines are busy, asks of 10,000 trackers.
const SMALL_RATIO: f64 = 20.0;
/// How the time may grow from 1,000 to 100,000 trackers of the narrow mix: the power of their number.
const EXPONENT: f64 = 0.35;
/// Of a million trackers: bytes of each, microseconds of a change.
const BYTES: f64 = 250.0;
const CHANGE_US: f64 = 50.0;

fn main() -> ExitCode {
    let (mut small, mut million, mut sizes) = (false, false, Vec::new());
    for arg in std::env::args().skip(1) {
        match (arg.as_str(), arg.replace(['_', ','], "").parse()) {
            ("--small", _) => small = true,
            ("--million", _) => million = true,
            (_, Ok(n)) if n > 0 => sizes.push(n),
            _ => {
                eprintln!("`{arg}` is neither `--small`, `--million` nor a number of trackers");
                return ExitCode::from(64);
            }
        }
    }
    if sizes.is_empty() {
        sizes = match (small, million) {
            (true, _) => vec![10_000],
            (_, true) => vec![1_000_000],
            (false, false) => vec![1_000, 10_000, 100_000],
        };
    }
    sizes.sort_unstable();
    let mixes = match process::variable("MIX").as_deref() {
        Some("mix") => vec![Mix::Mix],
        Some("narrow") => vec![Mix::Narrow],
        // CI asks for the ratio; the exponent needs both ends.
        _ if small || million => vec![Mix::Mix],
        _ => vec![Mix::Mix, Mix::Narrow],
    };
    let items = process::variable("ITEMS").and_then(|items| items.parse().ok());
    let plan = Plan {
        items: items.unwrap_or(if million { 200 } else { 300 }),
        loops: !million,
    };
    let measured: Vec<(Mix, Vec<Figures>)> = mixes
        .into_iter()
        .map(|mix| {
            let of = |trackers| measure::measure(mix, trackers, &plan);
            (mix, sizes.iter().copied().map(of).collect())
        })
        .collect();
    let mismatches: usize = measured
        .iter()
        .flat_map(|(_, all)| all.iter().map(|figures| figures.mismatches))
        .sum();
    let missed = missed(&measured, small);
    println!("{}", told(&measured, mismatches, &missed));
    match (mismatches, missed.is_empty()) {
        (1.., _) => ExitCode::from(1),
        (0, false) => ExitCode::from(2),
        (0, true) => ExitCode::SUCCESS,
    }
}

/// What is not good enough, in words.
fn missed(measured: &[(Mix, Vec<Figures>)], small: bool) -> Vec<String> {
    let mut missed = Vec::new();
    for (mix, all) in measured {
        for figures in all {
            let n = figures.trackers;
            let gate = RATIOS.iter().find(|(trackers, _)| *trackers == n);
            if let (Some(ratios), Some((_, gate))) = (&figures.ratios, gate) {
                let gate = if small { SMALL_RATIO } else { *gate };
                if ratios.p10 < gate {
                    let (ratio, mix) = (ratios.p10, mix.name());
                    missed.push(format!("ratio_p10 of {n} {mix}: {ratio:.1} < {gate}"));
                }
            }
            if n >= 1_000_000 {
                let slower = figures.insert_us.mean.max(figures.delete_us.mean);
                if slower > CHANGE_US {
                    missed.push(format!("a change of {n}: {slower:.1} us > {CHANGE_US}"));
                }
                if figures.bytes_per_tracker > BYTES {
                    let bytes = figures.bytes_per_tracker;
                    missed.push(format!("bytes_per_tracker of {n}: {bytes:.0} > {BYTES}"));
                }
            }
        }
        if let (Mix::Narrow, Some(exponent)) = (mix, exponent(all))
            && exponent > EXPONENT
        {
            missed.push(format!("exponent: {exponent:.2} > {EXPONENT}"));
        }
    }
    missed
}

/// How the time grows from the fewest to the most trackers; for the gate from 1,000 to 100,000.
fn exponent(all: &[Figures]) -> Option<f64> {
    let of = |n| all.iter().find(|figures| figures.trackers == n);
    let (few, many) = match (of(1_000), of(100_000)) {
        (Some(few), Some(many)) => (few, many),
        _ => return None,
    };
    Some((many.us.p50 / few.us.p50).ln() / 100f64.ln())
}

/// The line: the figures of the most trackers, and below those of each number.
fn told(measured: &[(Mix, Vec<Figures>)], mismatches: usize, missed: &[String]) -> Value {
    let mut line = Map::new();
    if let Some((mix, Some(largest))) = measured.first().map(|(mix, all)| (mix, all.last())) {
        line.insert("n".into(), json!(largest.trackers));
        line.insert("mix".into(), json!(mix.name()));
        if let Value::Object(figures) = largest.json() {
            line.extend(figures);
        }
    }
    for (mix, all) in measured {
        let name = match mix {
            Mix::Narrow => "exponent",
            Mix::Mix => "exponent_mix",
        };
        if let Some(exponent) = exponent(all) {
            line.insert(name.into(), measure::short(exponent));
        }
        let all = all
            .iter()
            .map(|figures| (figures.trackers.to_string(), figures.json()));
        line.insert(format!("by_n_{}", mix.name()), all.collect());
    }
    line.insert("mismatches".into(), json!(mismatches));
    line.insert("missed".into(), json!(missed));
    Value::Object(line)
}

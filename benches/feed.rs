//! How long it takes to read feeds of a megabyte.
//!
//! `cargo bench --bench feed`

use std::hint::black_box;
use std::time::Duration;

use boson::source::feed::parse;
use criterion::{Criterion, Throughput, criterion_group, criterion_main};

const SIZE: usize = 1 << 20;

fn feeds(criterion: &mut Criterion) {
    let now = "2026-11-21T09:00:00Z".parse().expect("a date");
    let mut group = criterion.benchmark_group("feed");
    group
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(3))
        .sample_size(20);
    for (name, feed) in [("RSS of 1 MiB", rss()), ("Atom of 1 MiB", atom())] {
        let items = feed.matches("<title>").count() - 1;
        group.throughput(Throughput::Bytes(feed.len() as u64));
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let read = parse(
                    black_box(feed.as_bytes()),
                    None,
                    "https://example.org/feed",
                    now,
                )
                .expect("a feed without mistakes");
                assert_eq!(read.items.len(), items);
                read
            });
        });
    }
    group.finish();
}

fn body(n: usize) -> String {
    format!(
        "&lt;p&gt;Post {n} says &lt;a href=\"/posts/{n}\"&gt;where&lt;/a&gt; and &lt;em&gt;why&lt;/em&gt;:&lt;/p&gt;\
         &lt;pre&gt;let n = {n};&lt;/pre&gt;{}",
        "&lt;p&gt;Some words, and again some words &amp;amp; more.&lt;/p&gt;".repeat(12)
    )
}

fn rss() -> String {
    let mut feed = String::from(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Bench</title><link>https://example.org/</link>",
    );
    for n in 0.. {
        if feed.len() > SIZE {
            break;
        }
        feed.push_str(&format!(
            "<item><title>Post {n}</title><link>https://example.org/posts/{n}</link>\
             <guid>https://example.org/posts/{n}</guid><category>rust</category>\
             <pubDate>Sat, 21 Nov 2026 08:{:02}:00 GMT</pubDate><description>{}</description></item>",
            n % 60,
            body(n)
        ));
    }
    feed.push_str("</channel></rss>");
    feed
}

fn atom() -> String {
    let mut feed = String::from(
        "<?xml version=\"1.0\"?><feed xmlns=\"http://www.w3.org/2005/Atom\"><title>Bench</title>\
         <id>https://example.org/</id><updated>2026-11-21T08:00:00Z</updated>",
    );
    for n in 0.. {
        if feed.len() > SIZE {
            break;
        }
        feed.push_str(&format!(
            "<entry><title>Post {n}</title><id>https://example.org/posts/{n}</id>\
             <link href=\"https://example.org/posts/{n}\"/><category term=\"rust\"/>\
             <author><name>Ann</name></author><updated>2026-11-21T08:{:02}:00Z</updated>\
             <content type=\"html\">{}</content></entry>",
            n % 60,
            body(n)
        ));
    }
    feed.push_str("</feed>");
    feed
}

criterion_group!(benches, feeds);
criterion_main!(benches);

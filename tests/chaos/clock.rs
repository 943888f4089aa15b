//! The machine's clock, set forward and back for one program: a library that is loaded before all others adds what stands in
//! a file to what the time is.

use std::fs::File;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// Adds the seconds in the file of `BOSON_TEST_CLOCK` to the time of day; how long something takes is as it is.
const LIBRARY: &str = r#"
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

static const volatile int64_t *shift;
static int (*real)(clockid_t, struct timespec *);

__attribute__((constructor)) static void begin(void) {
    real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    const char *path = getenv("BOSON_TEST_CLOCK");
    int file = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *at = mmap(0, sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
    if (at != MAP_FAILED) shift = at;
}

int clock_gettime(clockid_t which, struct timespec *now) {
    if (!real) real = (int (*)(clockid_t, struct timespec *))dlsym(RTLD_NEXT, "clock_gettime");
    int done = real(which, now);
    if (!done && shift && (which == CLOCK_REALTIME || which == CLOCK_REALTIME_COARSE)) now->tv_sec += *shift;
    return done;
}
"#;

/// The library, made once.
fn library() -> &'static Path {
    static MADE: OnceLock<(tempfile::TempDir, PathBuf)> = OnceLock::new();
    let (_, library) = MADE.get_or_init(|| {
        let dir = tempfile::tempdir().unwrap();
        let (source, library) = (dir.path().join("clock.c"), dir.path().join("clock.so"));
        std::fs::write(&source, LIBRARY).unwrap();
        let mut compiler = Command::new("cc");
        let compiler = compiler.args(["-shared", "-fPIC", "-O1", "-o"]);
        let made = compiler.arg(&library).arg(&source).arg("-ldl").output();
        let made = made.expect("there is a C compiler, which building needs too");
        assert!(
            made.status.success(),
            "{}",
            String::from_utf8_lossy(&made.stderr)
        );
        (dir, library)
    });
    library
}

/// The clock of one program.
pub struct Clock {
    file: File,
    path: PathBuf,
    shift: i64,
}

impl Clock {
    /// It is right at first.
    pub fn new(path: PathBuf) -> Clock {
        let mut file = File::options();
        file.create(true).truncate(true).read(true).write(true);
        let file = file.open(&path).unwrap();
        let mut clock = Clock {
            file,
            path,
            shift: 0,
        };
        clock.set(0);
        clock
    }

    /// The words before a program that has this clock.
    pub fn words(&self) -> Vec<String> {
        vec![
            "env".into(),
            format!("LD_PRELOAD={}", library().display()),
            format!("BOSON_TEST_CLOCK={}", self.path.display()),
        ]
    }

    /// It is so many seconds ahead from now on.
    pub fn set(&mut self, shift: i64) {
        self.shift = shift;
        self.file.write_all_at(&shift.to_ne_bytes(), 0).unwrap();
    }

    pub fn shift(&self) -> i64 {
        self.shift
    }
}

#[test]
fn a_clock_can_be_set() {
    let dir = tempfile::tempdir().unwrap();
    let mut clock = Clock::new(dir.path().join("clock"));
    let year = |clock: &Clock| {
        let words = clock.words();
        let mut command = Command::new(&words[0]);
        let out = command
            .args(&words[1..])
            .args(["date", "-u", "+%Y"])
            .output()
            .unwrap();
        String::from_utf8(out.stdout)
            .unwrap()
            .trim()
            .parse::<i64>()
            .unwrap()
    };
    let now = year(&clock);
    clock.set(2 * 366 * 86_400);
    assert_eq!(year(&clock) - now, 2);
    clock.set(-2 * 366 * 86_400);
    assert!(year(&clock) < now);
}

//! The manual in the shell.

use std::io::Write;
use std::path::Path;
use std::process::ExitCode;

use boson::clock::Clock;
use boson::command::{self, manual};

use super::Failure;

/// A page, or the list of pages; with `roff`, all pages for man(1) into that folder.
pub fn show(page: Option<&str>, roff: Option<&Path>) -> Result<ExitCode, Failure> {
    if let Some(folder) = roff {
        return write_roff(folder);
    }
    let text = match page {
        Some(name) => command::page(name)
            .map_err(|refusal| Failure::new(refusal.to_string()))?
            .text(),
        None => command::contents(),
    };
    // A reader that was closed early is no fault.
    let _ = writeln!(std::io::stdout(), "{}", text.plain());
    Ok(ExitCode::SUCCESS)
}

fn write_roff(folder: &Path) -> Result<ExitCode, Failure> {
    let failed = |path: &Path, error: std::io::Error| {
        Failure::new(format!("boson: {}: {error}", path.display()))
    };
    std::fs::create_dir_all(folder).map_err(|error| failed(folder, error))?;
    let date = Clock::Real.now().format("%Y-%m-%d").to_string();
    let mut count = 0;
    for entry in manual::pages() {
        let section = entry.section();
        let name = if entry.name == "boson" {
            "boson".into()
        } else {
            format!("boson-{}", entry.name)
        };
        let path = folder.join(format!("{name}.{section}"));
        std::fs::write(&path, entry.read().roff(section, &date))
            .map_err(|error| failed(&path, error))?;
        count += 1;
    }
    println!("Wrote {count} pages to {}.", folder.display());
    Ok(ExitCode::SUCCESS)
}

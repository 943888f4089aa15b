//! What is wrong in a file that a person wrote.

use std::fmt;

/// One mistake in a config or recipe file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mistake {
    pub file: String,
    /// From 1; 0 when the mistake is the whole file's.
    pub line: usize,
    /// From 1, in characters; 0 when the mistake is the whole file's.
    pub column: usize,
    pub what: String,
    /// What to write or do instead.
    pub hint: Option<String>,
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if self.line > 0 {
            write!(f, ":{}:{}", self.line, self.column)?;
        }
        write!(f, ": {}", self.what)?;
        if let Some(hint) = &self.hint {
            write!(f, "\n  hint: {hint}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Mistake {}

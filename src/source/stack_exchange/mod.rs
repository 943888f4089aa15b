//! What happens on the sites of Stack Exchange.

pub mod bell;

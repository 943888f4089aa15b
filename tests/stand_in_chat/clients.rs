//! Every request that clients of others make, and every answer that they read.

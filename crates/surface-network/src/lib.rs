//! The network dialect: agents that dial in, interrupts, connectors, shared memory. Nothing but translation.

//! What a plain and an async signal have in common, written once for both.

/// The methods that do not depend on how receivers run, and the traits of a signal.
macro_rules! common {
    ($Signal:ident, $is_async:literal) => {
        impl<S: ?Sized, P: ?Sized, O> $Signal<S, P, O> {
            /// A signal of this name, ready to be a `static`.
            ///
            /// The name is for people and observers; two signals may have the same.
            pub const fn new(name: &'static str) -> Self {
                Self {
                    hub: Hub::new(Cow::Borrowed(name), $is_async),
                }
            }

            pub(crate) const fn with_name(name: String) -> Self {
                Self {
                    hub: Hub::new(Cow::Owned(name), $is_async),
                }
            }

            /// Says how an outcome reads, for observers and recorders; else they show its type.
            pub const fn describe(mut self, describe: fn(&O) -> String) -> Self {
                self.hub.describe(describe);
                self
            }

            /// How deep the signal may be sent inside its own receivers: 64 unless told.
            ///
            /// A send beyond it calls no receiver: each of them answers with a failure.
            pub const fn recursion_limit(mut self, limit: u32) -> Self {
                self.hub.recursion_limit(limit);
                self
            }

            /// A signal of the same name, description and limit that has nothing else in common with this
            /// one, registered receivers included: for a test or a tenant that must not meet others.
            #[must_use]
            pub fn twin(&self) -> Self {
                Self {
                    hub: self.hub.twin(),
                }
            }

            /// The name of the signal.
            pub fn name(&self) -> &str {
                self.hub.name()
            }
        }

        impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> $Signal<S, P, O> {
            /// Whether any receiver is connected.
            pub fn has_receivers(&self) -> bool {
                !self.hub.shared().core().is_empty()
            }

            /// The receivers that are connected, in the order in which they run.
            pub fn receivers(&self) -> Vec<ReceiverInfo> {
                self.hub.shared().receivers()
            }

            /// Whether a send by this sender concerns any receiver: one that is bound to it, or to none.
            pub fn has_receivers_for(&self, sender: &S) -> bool {
                !self.receivers_for(sender).is_empty()
            }

            /// The receivers that a send by this sender concerns, in the order in which they run.
            pub fn receivers_for(&self, sender: &S) -> Vec<ReceiverInfo> {
                self.hub.shared().receivers_for(sender)
            }

            /// Disconnects every receiver; returns how many there were.
            pub fn disconnect_all(&self) -> usize {
                self.hub.shared().disconnect(|_| true)
            }

            /// Disconnects the receiver that was connected with this key; `false` if there is none.
            pub fn disconnect_key(&self, key: &str) -> bool {
                let has_key = |slot: &Slot<S, P, O>| {
                    slot.meta().and_then(|meta| meta.key.as_deref()) == Some(key)
                };
                self.hub.shared().disconnect(has_key) > 0
            }

            /// Keeps what is sent from now on, for a test to look at.
            ///
            /// Tests that run at the same time and share a signal see each other's sends: give each its own
            /// signal, or use [`record_here`](Self::record_here).
            pub fn record(&self) -> Recording<P::Owned>
            where
                P: ToOwned<Owned: Send>,
            {
                self.record_within(Scope::Everybody)
            }

            /// As [`record`](Self::record), of what this thread sends.
            pub fn record_here(&self) -> Recording<P::Owned>
            where
                P: ToOwned<Owned: Send>,
            {
                self.record_within(Scope::here())
            }

            fn record_within(&self, scope: Scope) -> Recording<P::Owned>
            where
                P: ToOwned<Owned: Send>,
            {
                let sent = Arc::new(Mutex::new(Vec::new()));
                let kept = Arc::clone(&sent);
                let connection = self
                    .receiver(move |_: &S, payload: &P| {
                        if scope.covers_this_thread() {
                            let payload = payload.to_owned();
                            kept.lock().push(payload);
                        }
                    })
                    .named("recording")
                    .order(i32::MIN)
                    .connect();
                Recording {
                    sent,
                    signal: self.name().to_owned(),
                    _connection: connection.scoped(),
                }
            }

            /// Has sends call nobody, until the guard is dropped. Sends that have begun go on.
            pub fn mute(&self) -> Muted<'_> {
                Muted::new(&**self.hub.shared())
            }
        }

        #[cfg(feature = "inventory")]
        impl<S: ?Sized + 'static, P: ?Sized + 'static, O: 'static> crate::collect::Target
            for $Signal<S, P, O>
        {
            fn address(&self) -> usize {
                self.hub.address()
            }

            fn name(&self) -> &str {
                self.hub.name()
            }

            fn touch(&self) {
                self.hub.prepare();
            }
        }

        impl<S: ?Sized, P: ?Sized, O> fmt::Debug for $Signal<S, P, O> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($Signal))
                    .field("name", &self.hub.name())
                    .finish_non_exhaustive()
            }
        }
    };
}

pub(crate) use common;

import type { Subscription } from './Subscription'

/** Whom a subscription tells what it does. */
export interface SubscriptionOwner {
  detach(subscription: Subscription): void
  /** It takes no more (`isHeld`), or takes again, from its position on. */
  held(subscription: Subscription): void
  /** The consumer was given so many events; 0 for what shows nothing. */
  taken(subscription: Subscription, count: number): void
}

/** Where the subscriptions of a client get their entries: from its own connection, or from one that tabs share. */
export interface Source extends SubscriptionOwner {
  /** From now on the subscription is served, beginning after its position. */
  attach(subscription: Subscription): void
  start(): void
  /** Ends the connection; subscriptions keep their positions. */
  stop(): void
  /** Does not wait for the next attempt. */
  retryNow(): void
  /** Ends the connection of every tab that shares it. */
  logout(): void
}

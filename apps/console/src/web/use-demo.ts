import { useEffect, useState } from "preact/hooks";
import type { DemoProfile, FeedEntry } from "../shared/feed.ts";
import { advance, type ConsoleState, initialState } from "./feed-store.ts";

/** The demo as it is told to this page. */
export interface Demo {
  readonly profile: DemoProfile;
  readonly state: ConsoleState;
  readonly connected: boolean;
}

/** Learns about the demo and follows its events; `undefined` until the first answer. */
export function useDemo(): Demo | undefined {
  const [profile, setProfile] = useState<DemoProfile>();
  const [state, setState] = useState<ConsoleState>();
  const [connected, setConnected] = useState(false);

  useEffect(() => {
    let source: EventSource | undefined;
    const open = async (): Promise<void> => {
      const response = await fetch("/api/profile");
      const learnt: DemoProfile = await response.json();
      setProfile(learnt);
      setState(initialState(learnt.agents));
      source = new EventSource("/api/events");
      source.onopen = () => setConnected(true);
      source.onerror = () => setConnected(false);
      source.onmessage = ({ data }: MessageEvent<string>) => {
        const entries: readonly FeedEntry[] = JSON.parse(data);
        setState((before) => before && entries.reduce(advance, before));
      };
    };
    open().catch(() => setConnected(false));
    return () => source?.close();
  }, []);

  return profile && state ? { profile, state, connected } : undefined;
}

"use client";
import { useSubscription } from "@trpc/tanstack-react-query";
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { leaveWhenSignedOut } from "../../client/query-client.ts";
import { useTRPC } from "../../client/trpc.tsx";
import { reconnectDelayMs } from "./reconnect-delay.ts";
import { concerns, joinTopics, type Topic, topicName } from "./topics.ts";
import { usePageIsWatched } from "./use-page-is-watched.ts";

export type LineState = "opening" | "live" | "lost";

interface Follower {
  topics: readonly Topic[];
  onChange: () => void;
}

interface Live {
  line: LineState;
  follow: (follower: Follower) => () => void;
}

const LiveContext = createContext<Live | null>(null);

/**
 * Holds the tab's one stream. Screens say what they follow; when one of these changes, or the line comes back after
 * it was lost, they are told to ask again. The stream carries ids only, so a missed message costs nothing but time.
 */
export function LiveProvider({ children }: { children: ReactNode }) {
  const trpc = useTRPC();
  const followers = useRef(new Set<Follower>());
  const [topics, setTopics] = useState<readonly Topic[]>([]);
  const [wasLost, setWasLost] = useState(false);
  const isWatched = usePageIsWatched();
  const failures = useRef(0);

  const follow = useCallback((follower: Follower) => {
    followers.current.add(follower);
    const update = () =>
      setTopics((before) => {
        const after = joinTopics([...followers.current].map((each) => each.topics));
        return sameTopics(before, after) ? before : after;
      });
    update();
    return () => {
      followers.current.delete(follower);
      update();
    };
  }, []);

  const joined = useRef(topics);
  joined.current = topics;
  /** Null tells everybody. */
  const tell = useCallback((changed: Topic | null) => {
    for (const follower of followers.current) {
      if (changed === null || follower.topics.some((topic) => concerns(changed, topic, joined.current)))
        follower.onChange();
    }
  }, []);

  // A browser that goes off the net may keep its connections for a while, and knows of it sooner than they do.
  useEffect(() => {
    const onOffline = () => setWasLost(true);
    const onOnline = () => {
      setWasLost(false);
      tell(null);
    };
    window.addEventListener("offline", onOffline);
    window.addEventListener("online", onOnline);
    return () => {
      window.removeEventListener("offline", onOffline);
      window.removeEventListener("online", onOnline);
    };
  }, [tell]);

  const stream = useSubscription(
    trpc.live.follow.subscriptionOptions(
      { topics: [...topics] },
      {
        enabled: isWatched,
        onData: (event) => {
          setWasLost(false);
          failures.current = 0;
          // The stream opens with a greeting: whatever changed while there was none has to be asked for.
          tell(event.kind === "opened" ? null : event.topic);
        },
        onConnectionStateChange: (state) => {
          if (state.state === "connecting" && state.error) setWasLost(true);
        },
        onError: (error) => {
          setWasLost(true);
          leaveWhenSignedOut(error);
        },
      },
    ),
  );

  // The browser comes back by itself after a cut, but gives up for good when a proxy answers in our place.
  const { status, reset } = stream;
  useEffect(() => {
    if (!isWatched || (status !== "error" && status !== "idle")) return;
    const timer = setTimeout(reset, reconnectDelayMs(failures.current++, Math.random()));
    return () => clearTimeout(timer);
  }, [isWatched, status, reset]);

  const line: LineState = wasLost ? "lost" : status === "pending" ? "live" : "opening";
  const live = useMemo(() => ({ line, follow }), [line, follow]);
  return <LiveContext value={live}>{children}</LiveContext>;
}

function sameTopics(a: readonly Topic[], b: readonly Topic[]): boolean {
  return (
    a.length === b.length && a.every((topic, index) => topicName(topic) === topicName(b[index] ?? topic))
  );
}

function useLive(): Live {
  const live = useContext(LiveContext);
  if (live === null) throw new Error("following needs a LiveProvider above it");
  return live;
}

/** How the tab's stream is doing. */
export function useLiveLine(): LineState {
  return useLive().line;
}

/** Calls back when one of the topics changed, and once more whenever the line was opened anew. */
export function useFollow(topics: readonly Topic[], onChange: () => void): void {
  const { follow } = useLive();
  const latest = useRef(onChange);
  latest.current = onChange;
  const names = topics.map(topicName).join(" ");
  // biome-ignore lint/correctness/useExhaustiveDependencies: equal names mean equal topics, whatever array holds them
  useEffect(() => follow({ topics, onChange: () => latest.current() }), [follow, names]);
}

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
import { useTRPC } from "../../client/trpc.tsx";
import { joinTopics, type Topic, topicName } from "./topics.ts";
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

  const tell = useCallback((name: string | null) => {
    for (const follower of followers.current) {
      if (name === null || follower.topics.some((topic) => topicName(topic) === name)) follower.onChange();
    }
  }, []);

  const stream = useSubscription(
    trpc.live.follow.subscriptionOptions(
      { topics: [...topics] },
      {
        enabled: isWatched,
        onData: (event) => {
          setWasLost(false);
          // The stream opens with a greeting: whatever changed while there was none has to be asked for.
          tell(event.kind === "opened" ? null : topicName(event.topic));
        },
        onConnectionStateChange: (state) => {
          if (state.state === "connecting" && state.error) setWasLost(true);
        },
        onError: () => setWasLost(true),
      },
    ),
  );

  const line: LineState = wasLost ? "lost" : stream.status === "pending" ? "live" : "opening";
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

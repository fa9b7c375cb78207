/** A sealed secret whose every part is known, so that whoever seals and whoever opens agree on the layout. */
export const sealedSecretExample = {
  /** Raw X25519 keys of an agent that exists nowhere else, base64. */
  privateKey: "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA=",
  publicKey: "B6N8vBQgk8i3VdwbEOhstCY3StFqqFPtC9/AsrhtHHw=",
  text: "correct horse · staple",
  box: "GPVoXAgYT7K7LgCdevIiqEgcmi4J4aG9koCRcggrXz9JhcbyDGakwjZBfxtFNgxvyfBm4jr5pSAzGkd5TRxqUYvA7HaOd7A1XfSnzHhSkGMsajo=",
} as const;

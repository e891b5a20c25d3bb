import "@fontsource-variable/ibm-plex-sans/wght.css";
import "@fontsource/ibm-plex-mono/400.css";
import "./ui/theme.css";
import "./ui/parts.css";
import "./app/shell.css";
import "./graph/graph.css";
import "./screens/screens.css";
import "./screens/home/home.css";
import "./screens/explorer/explorer.css";
import "./screens/passport/passport.css";
import "./screens/diff/diff.css";
import "./screens/ledger/ledger.css";
import "./ui/print.css";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { configure } from "./api/queries.ts";
import { App } from "./app/App.tsx";
import { applyTheme } from "./app/theme.ts";

applyTheme();
const client = new QueryClient();
configure(client);

createRoot(document.getElementById("root") as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <App />
    </QueryClientProvider>
  </StrictMode>,
);

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.Plugin;

/**
 * Runs one Elasticsearch node from Maven Central's jars: java -cp JARS Elasticsearch.java FOLDER [setting=value ...]
 *
 * Standard input is the lifeline: when it closes, the process that started this node is gone, so the node deletes FOLDER and ends;
 * with -Dkeep=true it ends in order and keeps FOLDER.
 */
public class Elasticsearch {
    private static class EmbeddedNode extends Node {
        EmbeddedNode(Settings settings) {
            super(
                InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "local"),
                List.<Class<? extends Plugin>>of(
                    org.elasticsearch.transport.Netty4Plugin.class,
                    org.elasticsearch.index.reindex.ReindexPlugin.class,
                    org.elasticsearch.analysis.common.CommonAnalysisPlugin.class,
                    org.elasticsearch.ingest.common.IngestCommonPlugin.class,
                    org.elasticsearch.painless.PainlessPlugin.class),
                true);
        }

        /** The archive's bootstrap would write the ids into every log line here; this node has no such log layout. */
        @Override
        protected void configureNodeAndClusterIdStateListener(org.elasticsearch.cluster.service.ClusterService service) {}
    }

    public static void main(String[] args) throws Exception {
        Path folder = Path.of(args[0]);
        endWithParent(folder);
        // The node reads its own build from these; without them clients see an unknown flavor and refuse it.
        System.setProperty("es.distribution.flavor", "default");
        System.setProperty("es.distribution.type", "tar");
        // Netty counts processors once for a process; a second count by the node would be refused.
        System.setProperty("es.set.netty.runtime.available.processors", "false");

        Node node = new EmbeddedNode(settings(folder, args)).start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (IOException e) {
                e.printStackTrace();
            }
        }));
        Thread.currentThread().join();
    }

    private static Settings settings(Path folder, String[] args) {
        Map<String, String> settings = new HashMap<>();
        settings.put("path.home", folder.toString());
        settings.put("path.data", folder.resolve("data").toString());
        settings.put("path.logs", folder.resolve("logs").toString());
        for (int i = 1; i < args.length; i++) {
            String[] pair = args[i].split("=", 2);
            settings.put(pair[0], pair[1]);
        }
        Settings.Builder builder = Settings.builder();
        settings.forEach(builder::put);
        return builder.build();
    }

    private static void endWithParent(Path folder) {
        Thread lifeline = new Thread(() -> {
            try {
                while (System.in.read() != -1) {}
            } catch (IOException closed) {
                // As good as the end of the stream.
            }
            if (Boolean.getBoolean("keep")) {
                System.exit(0);
            }
            // Walking fails when the server, still running, adds or removes a file meanwhile.
            for (int attempt = 0; attempt < 100 && Files.exists(folder); attempt++) {
                try (var paths = Files.walk(folder)) {
                    paths.sorted(Comparator.reverseOrder()).forEach(path -> path.toFile().delete());
                } catch (IOException | UncheckedIOException changed) {
                    continue;
                }
            }
            Runtime.getRuntime().halt(0);
        });
        lifeline.setDaemon(true);
        lifeline.start();
    }
}

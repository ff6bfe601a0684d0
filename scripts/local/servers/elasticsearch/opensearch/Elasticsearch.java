import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.opensearch.common.settings.Settings;
import org.opensearch.node.InternalSettingsPreparer;
import org.opensearch.node.Node;
import org.opensearch.plugins.Plugin;

/**
 * Runs one node of OpenSearch 2 from Maven Central's jars: java -Dplugins=CLASS,... -cp CLASSES:JARS Elasticsearch FOLDER [setting=value ...]
 */
public class Elasticsearch {
    private static class EmbeddedNode extends Node {
        EmbeddedNode(Settings settings, List<Class<? extends Plugin>> plugins) {
            super(InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "local"), plugins, true);
        }

        /** The archive's bootstrap would write the ids into every log line here; this node has no such log layout. */
        @Override
        protected void configureNodeAndClusterIdStateListener(org.opensearch.cluster.service.ClusterService service) {}
    }

    public static void main(String[] args) throws Exception {
        Lifeline.hold(Path.of(args[0]));
        System.setProperty("opensearch.distribution.type", "tar");
        // Netty counts processors once for a process; a second count by the node would be refused.
        System.setProperty("opensearch.set.netty.runtime.available.processors", "false");

        Settings.Builder settings = Settings.builder();
        NodeSettings.parse(args).forEach(settings::put);
        Node node = new EmbeddedNode(settings.build(), plugins()).start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            try {
                node.close();
            } catch (IOException e) {
                e.printStackTrace();
            }
        }));
        Thread.currentThread().join();
    }

    private static List<Class<? extends Plugin>> plugins() throws ClassNotFoundException {
        List<Class<? extends Plugin>> plugins = new ArrayList<>();
        for (String name : System.getProperty("plugins").split(",")) {
            plugins.add(Class.forName(name).asSubclass(Plugin.class));
        }
        return plugins;
    }
}

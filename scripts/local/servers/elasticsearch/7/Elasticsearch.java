import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.elasticsearch.common.settings.Settings;
import org.elasticsearch.node.InternalSettingsPreparer;
import org.elasticsearch.node.Node;
import org.elasticsearch.plugins.Plugin;

/**
 * Runs one node of Elasticsearch 7 from Maven Central's jars: java -Dplugins=CLASS,... -cp CLASSES:JARS Elasticsearch FOLDER [setting=value ...]
 */
public class Elasticsearch {
    private static class EmbeddedNode extends Node {
        EmbeddedNode(Settings settings, List<Class<? extends Plugin>> plugins) {
            super(InternalSettingsPreparer.prepareEnvironment(settings, Map.of(), null, () -> "local"), plugins, true);
        }

        /** The archive's bootstrap would write the ids into every log line here; this node has no such log layout. */
        @Override
        protected void configureNodeAndClusterIdStateListener(org.elasticsearch.cluster.service.ClusterService service) {}

        /** Abstract in 7.0 to 7.6, and the name in every log line too; unknown to those that follow. */
        protected void registerDerivedNodeNameWithLogger(String nodeName) {}
    }

    public static void main(String[] args) throws Exception {
        Lifeline.hold(Path.of(args[0]));
        // The node reads its own build from these; without them clients see an unknown flavor and refuse it.
        System.setProperty("es.distribution.flavor", "default");
        System.setProperty("es.distribution.type", "tar");
        // Netty counts processors once for a process; a second count by the node would be refused.
        System.setProperty("es.set.netty.runtime.available.processors", "false");

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

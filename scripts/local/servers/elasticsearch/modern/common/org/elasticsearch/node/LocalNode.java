package org.elasticsearch.node;

import java.util.List;
import org.elasticsearch.cluster.service.ClusterService;
import org.elasticsearch.env.Environment;
import org.elasticsearch.plugins.ClassPathPluginsService;
import org.elasticsearch.plugins.Plugin;
import org.elasticsearch.plugins.PluginsLoader;
import org.elasticsearch.plugins.PluginsService;

/** A node whose plugins stand on the class path: this package alone may construct one. */
public class LocalNode extends Node {
    public LocalNode(Environment environment, List<Plugin> plugins) {
        super(NodeConstruction.prepareConstruction(environment, ClassPathPluginsService.noBundles(), serving(plugins), true));
    }

    private static NodeServiceProvider serving(List<Plugin> plugins) {
        return new NodeServiceProvider() {
            @Override
            PluginsService newPluginService(Environment environment, PluginsLoader loader) {
                return new ClassPathPluginsService(environment, plugins);
            }
        };
    }

    /** The archive's bootstrap would write the ids into every log line here; this node has no such log layout. */
    @Override
    protected void configureNodeAndClusterIdStateListener(ClusterService service) {}
}
